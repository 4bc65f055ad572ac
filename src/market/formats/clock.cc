#include "market/formats/clock.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace pawl::market::formats {

namespace {

constexpr DurationMs kShiftMax = 20 * kHourMs;
constexpr std::string_view kExamples = "UTC, America/New_York, \"New York+7h\", \"UTC+2\" or +02:00";

// "+7h", "-5", "+02:00", "+5:30" after the name of a zone.
std::optional<DurationMs> read_shift(std::string_view text) {
  if (text.size() < 2 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const bool back = text[0] == '-';
  text.remove_prefix(1);
  if (text.ends_with('h')) text.remove_suffix(1);
  int hours = 0, minutes = 0;
  const char* end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, hours);
  if (error != std::errc{} || hours < 0) return std::nullopt;
  if (stop != end && *stop == ':') {
    const char* from = stop + 1;
    const auto read = std::from_chars(from, end, minutes);
    if (read.ec != std::errc{} || end - from != 2 || minutes < 0) return std::nullopt;
    stop = read.ptr;
  }
  const DurationMs shift = hours * kHourMs + minutes * kMinuteMs;
  if (stop != end || minutes > 59 || shift > kShiftMax) return std::nullopt;
  return back ? -shift : shift;
}

std::string shift_text(DurationMs shift) {
  if (shift == 0) return "";
  const DurationMs length = shift < 0 ? -shift : shift;
  std::string text = fmt::format("{}{}", shift < 0 ? '-' : '+', length / kHourMs);
  return text + (length % kHourMs == 0 ? "h" : fmt::format(":{:02}", length % kHourMs / kMinuteMs));
}

// Cities that people say without their continent.
struct City {
  std::string_view said, zone;
};
constexpr std::array<City, 4> kCities = {{{"New York", "America/New_York"},
                                          {"London", "Europe/London"},
                                          {"Athens", "Europe/Athens"},
                                          {"Tokyo", "Asia/Tokyo"}}};

std::string name_of(const TimeZone& zone, DurationMs shift) {
  if (shift == 0) return zone.name();
  std::string base = zone.name();
  for (const City& city : kCities) {
    if (city.zone == base) base = city.said;
  }
  std::string text = base + shift_text(shift);
  if (base == "UTC" && text.ends_with('h')) text.pop_back();
  return text;
}

}  // namespace

Clock::Clock(TimeZone zone, DurationMs shift)
    : zone_(std::move(zone)), shift_(shift), name_(name_of(zone_, shift)) {}

Result<Clock> Clock::parse(std::string_view text) {
  if (const auto shift = read_shift(text)) return Clock(TimeZone::utc(), *shift);
  const auto find = [](std::string_view name) {
    for (const City& city : kCities) {
      if (city.said == name) name = city.zone;
    }
    return TimeZone::find(name);
  };
  // A whole name first: "Etc/GMT+5" is a zone.
  if (const auto zone = text.empty() ? TimeZone::find("?") : find(text)) return Clock(*zone, 0);
  const std::size_t sign = text.find_first_of("+-", 1);
  if (sign != std::string_view::npos) {
    const auto zone = find(text.substr(0, sign));
    const auto shift = read_shift(text.substr(sign));
    if (zone && shift) return Clock(*zone, *shift);
  }
  return fail(ErrorCode::invalid_argument, "\"{}\" is no time zone; write one like {}", text, kExamples);
}

std::string Clock::day_anchor() const {
  const std::int64_t minutes = ((-shift_ / kMinuteMs) % 1440 + 1440) % 1440;
  return fmt::format("{} {:02}:{:02}", zone_.name(), minutes / 60, minutes % 60);
}

ClockReader::Instants ClockReader::read(LocalMs local) {
  if (local >= safe_from_ && local < safe_to_) return {.first = local - offset_, .second = {}};
  const TimeZone& zone = clock_.zone();
  const TimeMs shown = local - clock_.shift();
  const TimeMs instant = zone.from_local(civil_from_time(shown));
  if (instant + zone.offset_at(instant) != shown) return {};
  const TimeMs change = zone.next_change(instant);
  Instants instants{.first = instant, .second = {}};
  // No zone has ever turned its clock by more than a day.
  if (change - kDayMs <= instant) {
    const TimeMs again = shown - zone.offset_at(change);
    if (again >= change && again != instant) instants.second = again;
    return instants;
  }
  offset_ = local - instant;
  // From two days after this one on nothing is known without looking; before it, the same.
  safe_from_ = local;
  safe_to_ = local + std::min<DurationMs>(change - kDayMs - instant, 400 * kDayMs);
  return instants;
}

}  // namespace pawl::market::formats
