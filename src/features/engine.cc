#include "features/engine.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

#include "features/state.h"

namespace pawl::features {

namespace {

constexpr std::string_view kStateMagic = "pawl-features-2";
constexpr std::size_t kChecksumBytes = 8;
// Rows beyond this are gone from a core's own cache before anybody reads them.
constexpr std::size_t kCacheBytes = 512 * 1024;

// Against damage, not against malice; checkpoints are taken often, so it reads a word at a time.
std::uint64_t checksum(std::string_view bytes) {
  std::uint64_t hash = 0x9e3779b97f4a7c15U ^ bytes.size();
  while (!bytes.empty()) {
    std::uint64_t word = 0;
    const std::size_t count = std::min(bytes.size(), sizeof word);
    std::memcpy(&word, bytes.data(), count);
    if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
    hash = (hash ^ word) * 0xd6e8feb86659fd93U;
    hash ^= hash >> 32;
    bytes.remove_prefix(count);
  }
  return hash;
}

}  // namespace

Engine::Engine(FeatureList list, simd::Width width)
    : list_(std::move(list)),
      kernels_(&simd::kernels(width)),
      state_(std::make_unique<State>(list_.plan(), *kernels_)) {}
Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

void Engine::update(const BarBlock& bars, std::span<double> rows, std::span<std::uint8_t> ready) {
  const std::size_t width = list_.size();
  assert(rows.size() == bars.size() * width && ready.size() == bars.size());
  state_->make_room(bars.size() <= State::kFew ? State::kFew : State::kBlock);
  const bool past_caches = rows.size_bytes() > kCacheBytes;
  for (std::size_t first = 0; first < bars.size(); first += State::kBlock) {
    const std::size_t count = std::min(State::kBlock, bars.size() - first);
    state_->update(bars.part(first, count), rows.subspan(first * width, count * width),
                   ready.subspan(first, count), past_caches);
  }
}

std::string Engine::save() const {
  ByteWriter out;
  out.text(kStateMagic);
  out.text(list_.hash());
  state_->save(out);
  out.u64(checksum(out.bytes()));
  return out.take();
}

Status Engine::load(std::string_view state) {
  if (state.size() < kChecksumBytes) return fail(ErrorCode::corrupt, "the feature state is cut short");
  const std::string_view body = state.substr(0, state.size() - kChecksumBytes);
  if (ByteReader(state.substr(body.size())).u64() != checksum(body)) {
    return fail(ErrorCode::corrupt, "the feature state is damaged: its checksum does not match");
  }
  ByteReader in(body);
  if (in.text() != kStateMagic) {
    return fail(ErrorCode::corrupt, "the feature state was not written by this version of pawl");
  }
  // The hash covers the specs, the versions of their kinds, the timeframe and the market's day.
  if (const std::string hash = in.text(); hash != list_.hash()) {
    return fail(ErrorCode::corrupt, "the feature state is of another feature list ({:.12}, wanted {:.12})",
                hash, list_.hash());
  }
  auto loaded = std::make_unique<State>(list_.plan(), *kernels_);
  if (!loaded->load(in)) return fail(ErrorCode::corrupt, "the feature state does not hold together");
  state_ = std::move(loaded);
  return {};
}

}  // namespace pawl::features
