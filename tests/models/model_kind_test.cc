// What every kind of model promises, asked of each one in the list.
#include "models/model_kind.h"

#include <clocale>
#include <thread>

#include "models/model_support.h"

namespace pawl::models {
namespace {

struct Case {
  std::string kind;
  std::string yaml;
  int classes;
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.kind << c.classes;
}

class EveryKind : public testing::TestWithParam<Case> {
 protected:
  // The rules baseline reads one column.
  Rows rows(std::size_t count = 400) const {
    return noisy_rows(count, GetParam().kind == "rules" ? 1 : 5, GetParam().classes, 21);
  }
  Result<Trained> trained(const TrainRequest& request) const {
    return train(GetParam().kind, GetParam().yaml, request);
  }
  std::unique_ptr<Model> model() const {
    const auto result = trained(rows().request());
    EXPECT_TRUE(result) << result.error().message;
    auto loaded = load(GetParam().kind, result->bytes);
    EXPECT_TRUE(loaded) << loaded.error().message;
    return std::move(*loaded);
  }
};

TEST_P(EveryKind, TrainsAndLoadsAndGivesProbabilities) {
  const Rows data = rows();
  const auto loaded = model();
  EXPECT_EQ(loaded->classes(), GetParam().classes);
  EXPECT_EQ(loaded->columns(), data.columns);
  const auto p = predict(*loaded, data.matrix());
  const auto classes = static_cast<std::size_t>(GetParam().classes);
  for (std::size_t row = 0; row < data.count(); ++row) {
    double sum = 0;
    for (std::size_t k = 0; k < classes; ++k) {
      EXPECT_TRUE(p[row * classes + k] >= 0 && p[row * classes + k] <= 1);
      sum += p[row * classes + k];
    }
    EXPECT_NEAR(sum, 1, 1e-6);
  }
  EXPECT_TRUE(loaded->describe().is_object());
}

TEST_P(EveryKind, ARowHasTheSameBitsAloneAndInCompany) {
  const Rows data = rows();
  const auto loaded = model();
  const auto together = predict(*loaded, data.matrix());
  const auto classes = static_cast<std::size_t>(GetParam().classes);
  for (const std::size_t size : {1, 2, 7, 15, 16, 17, 33}) {
    for (std::size_t from = 0; from + size <= data.count(); from += size) {
      const Matrix part{data.matrix().values.subspan(from * data.columns, size * data.columns), size,
                        data.columns};
      const auto apart = predict(*loaded, part);
      EXPECT_TRUE(same_bits(apart, std::span(together).subspan(from * classes, size * classes)))
          << size << " " << from;
    }
  }
  predict(*loaded, {{}, 0, data.columns});
}

TEST_P(EveryKind, SameRowsSettingsAndSeedGiveTheSameBytesAtAnyThreadCount) {
  const Rows data = rows(2000);
  const auto first = trained(data.request());
  ASSERT_TRUE(first);
  for (const int threads : {1, 2}) {
    auto request = data.request();
    request.threads = threads;
    const auto again = trained(request);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->bytes, first->bytes) << threads << " threads";
    EXPECT_EQ(again->report.dump(), first->report.dump());
  }
}

TEST_P(EveryKind, ManyThreadsMayPredictWithOneModel) {
  const Rows data = rows();
  const auto loaded = model();
  const auto expected = predict(*loaded, data.matrix());
  std::vector<std::vector<double>> found(4);
  {
    std::vector<std::jthread> threads;
    for (auto& mine : found) threads.emplace_back([&] { mine = predict(*loaded, data.matrix()); });
  }
  for (const auto& mine : found) EXPECT_TRUE(same_bits(mine, expected));
}

TEST_P(EveryKind, TellsItsProgress) {
  const Rows data = rows();
  auto request = data.request();
  std::uint64_t last = 0, calls = 0;
  request.progress = [&](const ProgressUpdate& update) {
    EXPECT_LE(update.done, update.total);
    EXPECT_FALSE(update.note.empty());
    last = update.done;
    ++calls;
  };
  const auto result = trained(request);
  ASSERT_TRUE(result);
  EXPECT_EQ(last, static_cast<std::uint64_t>(result->rounds));
  EXPECT_EQ(calls, static_cast<std::uint64_t>(result->rounds));
}

TEST_P(EveryKind, RowsThatCannotTeachAreRefusedInPlainWords) {
  if (GetParam().kind == "rules") {
    EXPECT_TRUE(trained({})) << "the rules need no rows";
    return;
  }
  const auto refused = [&](const Rows& data, ErrorCode code, std::string_view words) {
    const auto result = trained(data.request());
    ASSERT_FALSE(result) << words;
    EXPECT_EQ(result.error().code, code) << result.error().message;
    EXPECT_NE(result.error().message.find(words), std::string::npos) << result.error().message;
  };
  Rows one_class = rows(), empty = rows(), off = rows(), flat = rows();
  for (int& label : one_class.labels) label = 1;
  refused(one_class, ErrorCode::insufficient_data, "none of the 400 rows has label 0");
  empty.values.clear();
  empty.labels.clear();
  refused(empty, ErrorCode::insufficient_data, "no rows");
  off.labels[17] = GetParam().classes;
  refused(off, ErrorCode::bad_data, fmt::format("row 17 has label {}", GetParam().classes));
  off.labels[17] = -1;
  refused(off, ErrorCode::bad_data, "row 17 has label -1");
  for (double& value : flat.values) value = std::isnan(value) ? kNan : 4;
  refused(flat, ErrorCode::insufficient_data, "no column");
}

INSTANTIATE_TEST_SUITE_P(, EveryKind,
                         testing::Values(Case{"rules", "{}", 2}, Case{"rules", "{}", 3},
                                         Case{"logistic", "{}", 2}, Case{"logistic", "{}", 3},
                                         Case{"xgboost", "{trees: 30}", 2},
                                         Case{"xgboost", "{trees: 20}", 3}),
                         testing::PrintToStringParamName());

TEST(ModelKinds, WriteTheSameBytesInALocaleWithDecimalCommas) {
  const std::string before = std::setlocale(LC_ALL, nullptr);
  const Rows data = noisy_rows(100, 1, 2, 3);
  for (const ModelKind& kind : model_kinds()) {
    const Settings settings = Settings::defaults(kind.schema);
    const auto plain = kind.train(settings, data.request());
    if (std::setlocale(LC_ALL, "de_DE.UTF-8") == nullptr) GTEST_SKIP() << "SKIPPED: no German locale here";
    const auto german = kind.train(settings, data.request());
    const auto loaded = kind.load(plain->bytes);
    std::setlocale(LC_ALL, before.c_str());
    EXPECT_TRUE(loaded) << kind.name;
    EXPECT_EQ(german->bytes, plain->bytes) << kind.name;
  }
}

TEST(ModelKinds, AreFoundByNameAndSayWhatTheyAre) {
  for (const ModelKind& kind : model_kinds()) {
    EXPECT_EQ(find_model_kind(kind.name), &kind);
    EXPECT_FALSE(kind.help.empty());
    for (const Setting& setting : kind.schema.settings()) EXPECT_FALSE(setting.help.empty()) << setting.name;
  }
  EXPECT_EQ(find_model_kind("oracle"), nullptr);
}

}  // namespace
}  // namespace pawl::models
