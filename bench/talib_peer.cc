#include "talib_peer.h"

#include <ta_libc.h>

#include <utility>

namespace pawl::bench {

namespace {

using Lines = std::span<double* const>;

// A call of TA-Lib's with what all of its functions take and give.
template <class Call>
Result<std::size_t> called(const BarBlock& bars, const Call& call) {
  int begin = 0, count = 0;
  const TA_RetCode code = call(static_cast<int>(bars.size()) - 1, &begin, &count);
  if (code != TA_SUCCESS) return fail(ErrorCode::internal, "TA-Lib answers {}", static_cast<int>(code));
  return static_cast<std::size_t>(begin);
}

template <int n>
Result<std::size_t> sma(const BarBlock& b, Lines out) {
  return called(b, [&](int last, int* begin, int* count) {
    return TA_SMA(0, last, b.close.data(), n, begin, count, out[0]);
  });
}
template <int n>
Result<std::size_t> ema(const BarBlock& b, Lines out) {
  return called(b, [&](int last, int* begin, int* count) {
    return TA_EMA(0, last, b.close.data(), n, begin, count, out[0]);
  });
}
Result<std::size_t> rsi(const BarBlock& b, Lines out) {
  return called(b, [&](int last, int* begin, int* count) {
    return TA_RSI(0, last, b.close.data(), 14, begin, count, out[0]);
  });
}
Result<std::size_t> macd(const BarBlock& b, Lines out) {
  return called(b, [&](int last, int* begin, int* count) {
    return TA_MACD(0, last, b.close.data(), 12, 26, 9, begin, count, out[0], out[1], out[2]);
  });
}
Result<std::size_t> adx(const BarBlock& b, Lines out) {
  return called(b, [&](int last, int* begin, int* count) {
    return TA_ADX(0, last, b.high.data(), b.low.data(), b.close.data(), 14, begin, count, out[0]);
  });
}
Result<std::size_t> atr(const BarBlock& b, Lines out) {
  return called(b, [&](int last, int* begin, int* count) {
    return TA_ATR(0, last, b.high.data(), b.low.data(), b.close.data(), 14, begin, count, out[0]);
  });
}
Result<std::size_t> stochastic(const BarBlock& b, Lines out) {
  return called(b, [&](int last, int* begin, int* count) {
    return TA_STOCH(0, last, b.high.data(), b.low.data(), b.close.data(), 14, 3, TA_MAType_SMA, 3,
                    TA_MAType_SMA, begin, count, out[0], out[1]);
  });
}
Result<std::size_t> obv(const BarBlock& b, Lines out) {
  return called(b, [&](int last, int* begin, int* count) {
    return TA_OBV(0, last, b.close.data(), b.volume.data(), begin, count, out[0]);
  });
}
Result<std::size_t> willr(const BarBlock& b, Lines out) {
  return called(b, [&](int last, int* begin, int* count) {
    return TA_WILLR(0, last, b.high.data(), b.low.data(), b.close.data(), 14, begin, count, out[0]);
  });
}
Result<std::size_t> cci(const BarBlock& b, Lines out) {
  return called(b, [&](int last, int* begin, int* count) {
    return TA_CCI(0, last, b.high.data(), b.low.data(), b.close.data(), 14, begin, count, out[0]);
  });
}
Result<std::size_t> sar(const BarBlock& b, Lines out) {
  return called(b, [&](int last, int* begin, int* count) {
    return TA_SAR(0, last, b.high.data(), b.low.data(), 0.02, 0.2, begin, count, out[0]);
  });
}
Result<std::size_t> bollinger(const BarBlock& b, Lines out) {
  return called(b, [&](int last, int* begin, int* count) {
    return TA_BBANDS(0, last, b.close.data(), 20, 2, 2, TA_MAType_SMA, begin, count, out[0], out[1], out[2]);
  });
}

using Function = Result<std::size_t> (*)(const BarBlock&, Lines);
constexpr std::pair<std::string_view, Function> kFunctions[] = {
    {"SMA(50)", sma<50>},   {"SMA(200)", sma<200>},     {"EMA(12)", ema<12>},
    {"EMA(26)", ema<26>},   {"RSI(14)", rsi},           {"MACD(12,26,9)", macd},
    {"ADX(14)", adx},       {"ATR(14)", atr},           {"STOCH(14,3,3)", stochastic},
    {"OBV", obv},           {"WILLR(14)", willr},       {"CCI(14)", cci},
    {"SAR(0.02,0.2)", sar}, {"BBANDS(20,2)", bollinger}};

}  // namespace

bool talib_is_here() {
  return TA_Initialize() == TA_SUCCESS;
}

Result<std::size_t> run_talib(std::string_view name, const BarBlock& bars, std::span<double* const> lines) {
  for (const auto& [known, function] : kFunctions) {
    if (known == name) return function(bars, lines);
  }
  return fail(ErrorCode::internal, "TA-Lib is not asked for a {} here", name);
}

}  // namespace pawl::bench
