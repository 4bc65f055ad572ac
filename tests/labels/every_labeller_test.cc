// What every labeller promises, over every kind and its forms: nothing of the future in a label, and an
// independent second reading of the definitions on random walks.
#include "bars_for_labels.h"

#include <cmath>

namespace pawl::labels {
namespace {

struct Form {
  std::string kind, yaml;
};
const std::vector<Form> kForms = {
    {"horizon_return", "{horizon_bars: 1}"},
    {"horizon_return", "{horizon_bars: 12}"},
    {"horizon_return", "{horizon_bars: 5, sessions: within}"},
    {"horizon_return", "{horizon_bars: 12, classes: 3, threshold: atr}"},
    {"horizon_return", "{horizon_bars: 4, classes: 3, threshold: cost}"},
    {"horizon_return", "{horizon_bars: 4, classes: 3, threshold: fixed_bp, fixed_bp: 50}"},
    {"triple_barrier", "{horizon_bars: 6}"},
    {"triple_barrier", "{horizon_bars: 12, classes: 3, profit_multiple: 2, stop_multiple: 1.5}"},
    {"triple_barrier", "{horizon_bars: 8, classes: 3, sessions: within, after_costs: true}"},
};
constexpr const char* kSession = "08:00-20:00";
constexpr Costs kCosts = {.per_side_bp = 5};

// A scale as the form wants it, made of the bar itself only.
std::vector<double> scale_for(const Form& form, const BarSeries& bars) {
  std::vector<double> scale;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const double range = bars.high(i) - bars.low(i);
    scale.push_back(form.kind == "horizon_return" ? range : range / bars.close(i));
  }
  return scale;
}

std::vector<Label> labels_of(const Form& form, const BarSeries& bars) {
  const auto made = labeller(form.kind, form.yaml, kCosts, kSession);
  const std::vector<double> scale = made->scale_spec() ? scale_for(form, bars) : std::vector<double>{};
  return label_all(*made, bars, scale);
}

TEST(EveryLabeller, IsCoveredHere) {
  for (const LabellerKind& kind : labeller_kinds()) {
    EXPECT_TRUE(std::ranges::any_of(kForms, [&](const Form& form) { return form.kind == kind.name; }))
        << kind.name << " has no form above";
    EXPECT_FALSE(kind.help.empty());
    EXPECT_EQ(find_labeller_kind(kind.name), &kind);
  }
  EXPECT_EQ(find_labeller_kind("oracle"), nullptr);
}

TEST(EveryLabeller, ClassesStayInRangeAndAllOccur) {
  BarSeries bars;
  Random random(7);
  walk(bars, random, 3000);
  for (const Form& form : kForms) {
    const int classes = labeller(form.kind, form.yaml)->classes();
    std::vector<int> seen(static_cast<std::size_t>(classes));
    for (const Label& label : labels_of(form, bars)) {
      if (!label.known()) continue;
      ASSERT_TRUE(label.cls >= 0 && label.cls < classes);
      ++seen[static_cast<std::size_t>(label.cls)];
    }
    for (const int count : seen) EXPECT_GT(count, 20) << form.kind << form.yaml;
  }
}

// A label known by T must not change by a bit when everything after T is cut off or made of other prices.
TEST(EveryLabeller, NothingKnownByTDependsOnWhatComesAfterT) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    BarSeries bars;
    Random random(seed);
    walk(bars, random, 300);
    for (const Form& form : kForms) {
      const std::vector<Label> labels = labels_of(form, bars);
      for (std::size_t kept = 20; kept < bars.size(); kept += 23) {
        const TimeMs now = bars.close_time(kept - 1);
        const BarSeries cut = bars.slice(0, kept);
        BarSeries scrambled = cut;
        Random other(derive_seed(seed, kept));
        walk(scrambled, other, 100);
        for (const BarSeries* altered : {&std::as_const(cut), &std::as_const(scrambled)}) {
          const std::vector<Label> again = labels_of(form, *altered);
          for (std::size_t t = 0; t < kept; ++t) {
            const bool known_then = labels[t].known() && labels[t].known_at <= now;
            const bool known_again = again[t].known() && again[t].known_at <= now;
            ASSERT_EQ(known_then, known_again) << form.kind << form.yaml << " bar " << t;
            if (known_then) {
              ASSERT_TRUE(same(labels[t], again[t])) << form.kind << form.yaml << " bar " << t;
            }
          }
        }
      }
    }
  }
}

// known_at is neither too early nor too late: the bars closed by then make the label, one bar fewer does not.
TEST(EveryLabeller, ALabelIsKnownWithTheLastBarItNeedsAndNotBefore) {
  BarSeries bars;
  Random random(11);
  walk(bars, random, 120);
  for (const Form& form : kForms) {
    const std::vector<Label> labels = labels_of(form, bars);
    for (std::size_t t = 0; t < bars.size(); ++t) {
      if (!labels[t].known()) continue;
      ASSERT_EQ(labels[t].known_at, bars.close_time(labels[t].exit_bar));
      ASSERT_GT(labels[t].exit_bar, t);
      const std::size_t needed = bars.count_known_at(labels[t].known_at);
      ASSERT_TRUE(same(labels_of(form, bars.slice(0, needed))[t], labels[t]));
      ASSERT_FALSE(labels_of(form, bars.slice(0, needed - 1))[t].known()) << form.kind << form.yaml;
    }
  }
}

TEST(SecondReading, HorizonReturnAgainstPlainArithmetic) {
  BarSeries bars;
  Random random(3);
  walk(bars, random, 2000);
  const std::vector<double> atr = scale_for({"horizon_return", ""}, bars);
  for (const std::size_t h : {1u, 3u, 12u}) {
    const auto two = label_all(*labeller("horizon_return", fmt::format("{{horizon_bars: {}}}", h)), bars);
    const auto three = label_all(
        *labeller("horizon_return", fmt::format("{{horizon_bars: {}, classes: 3, threshold: atr}}", h)), bars,
        atr);
    for (std::size_t t = 0; t + 1 + h < bars.size(); ++t) {
      const double in = bars[t + 1].open, out = bars[t + 1 + h].open;
      ASSERT_EQ(two[t].cls == 1, out > in);
      ASSERT_NEAR(two[t].gross_return, (out - in) / in, 1e-12);
      const int expected = std::abs(out - in) <= 0.5 * atr[t] ? 1 : out > in ? 2 : 0;
      ASSERT_EQ(three[t].cls, expected);
    }
  }
}

// The walk of a bar as the points that the rules let us see, in the order that the rules take them to be:
// open, low, high. The first point beyond a barrier ends the trade.
TEST(SecondReading, TripleBarrierAgainstAWalkThroughPoints) {
  BarSeries bars;
  Random random(5);
  walk(bars, random, 3000);
  const std::vector<double> scale = scale_for({"triple_barrier", ""}, bars);
  const std::size_t h = 10;
  const auto labels = label_all(
      *labeller("triple_barrier", "{horizon_bars: 10, classes: 3, profit_multiple: 1.5, stop_multiple: 1}"),
      bars, scale);
  int touched = 0, gapped = 0, timed = 0;
  for (std::size_t t = 0; t + 1 + h < bars.size(); ++t) {
    struct Point {
      std::size_t bar;
      double price;
      bool traded;  // an open is a price at which one gets out; of a low or a high one knows that it was
                    // passed
    };
    std::vector<Point> points;
    for (std::size_t k = t + 1; k <= t + h; ++k) {
      points.push_back({k, bars[k].open, true});
      points.push_back({k, bars[k].low, false});
      points.push_back({k, bars[k].high, false});
    }
    points.push_back({t + 1 + h, bars[t + 1 + h].open, true});
    const double entry = points.front().price;
    const double top = entry + entry * 1.5 * scale[t], bottom = entry - entry * scale[t];
    int cls = 1;
    Point end = points.back();
    for (const Point& point : points) {
      if (point.price < bottom || point.price > top) {
        cls = point.price > top ? 2 : 0;
        end = point;
        break;
      }
    }
    const double exit = end.traded ? end.price : cls == 2 ? top : bottom;
    ASSERT_EQ(labels[t].cls, cls) << t;
    ASSERT_EQ(labels[t].exit_bar, end.bar);
    ASSERT_NEAR(labels[t].gross_return, exit / entry - 1, 1e-12);
    ++(cls == 1 ? timed : end.traded ? gapped : touched);
  }
  EXPECT_GT(touched, 100);
  EXPECT_GT(gapped, 20);
  EXPECT_GT(timed, 20);
}

}  // namespace
}  // namespace pawl::labels
