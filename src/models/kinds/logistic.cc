// Logistic regression on standardised columns: the plain model that shows whether trees earn their keep.
#include <array>
#include <cassert>
#include <cmath>

#include "models/kinds/kinds.h"
#include "models/kinds/logistic_solver.h"
#include "models/kinds/training_rows.h"

namespace pawl::models {
namespace {

constexpr std::string_view kFormat = "pawl logistic 1";
constexpr std::size_t kMaxUnknowns = 1500;  // a Newton step costs their cube

struct Column {
  std::string name;
  double mean = 0, scale = 0;  // scale 0: the column was constant and is left out
};

// Missing, and left out, is the mean: 0 after scaling. Bounded again, for a column of very small scale.
double standardised(const Column& column, double value) {
  const double z = bounded((bounded(value) - column.mean) / column.scale);
  return column.scale > 0 && !std::isnan(z) ? z : 0;
}

// Mean and population standard deviation of the values that are there.
Column measure(const TrainRequest& request, std::size_t index) {
  const Matrix& rows = request.rows;
  Column column{column_name(request, index), 0, 0};
  double count = 0, sum = 0, first = std::nan("");
  bool varies = false;
  for (std::size_t row = 0; row < rows.rows; ++row) {
    const double value = bounded(rows.values[row * rows.columns + index]);
    if (std::isnan(value)) continue;
    if (std::isnan(first)) first = value;
    varies = varies || value != first;
    sum += value;
    ++count;
  }
  if (count == 0) return column;
  column.mean = sum / count;
  if (!varies) return column;  // rounding of the mean must not pass for variance
  double squares = 0;
  for (std::size_t row = 0; row < rows.rows; ++row) {
    const double value = bounded(rows.values[row * rows.columns + index]);
    if (!std::isnan(value)) squares += (value - column.mean) * (value - column.mean);
  }
  column.scale = std::sqrt(squares / count);
  return column;
}

struct Fitted {
  int classes = 2;
  std::vector<Column> columns;
  std::vector<double> unknowns;  // as LogisticProblem orders them

  std::size_t scores() const { return classes == 2 ? 1 : static_cast<std::size_t>(classes); }
};

Json to_json(const Fitted& fitted) {
  Json columns = Json::array();
  for (const Column& column : fitted.columns) {
    columns.push_back({{"name", column.name}, {"mean", column.mean}, {"scale", column.scale}});
  }
  return {
      {"format", kFormat}, {"classes", fitted.classes}, {"columns", columns}, {"unknowns", fitted.unknowns}};
}

// nlohmann's dump would throw at a column name that is not UTF-8.
std::string canonical(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Fitted> fitted_from_json(const Json& json) {
  const auto format = json_string(json, "format");
  if (!format) return propagate(format);
  if (*format != kFormat) return fail(ErrorCode::corrupt, "the format is not '{}'", kFormat);
  const auto classes = json_int(json, "classes");
  if (!classes) return propagate(classes);
  if (*classes < 2 || *classes > kMaxClasses) return fail(ErrorCode::corrupt, "{} classes", *classes);
  Fitted fitted;
  fitted.classes = static_cast<int>(*classes);
  const auto columns = json.find("columns"), unknowns = json.find("unknowns");
  if (columns == json.end() || !columns->is_array() || columns->empty() || columns->size() > kMaxColumns) {
    return fail(ErrorCode::corrupt, "'columns' is no list of 1 to {} columns", kMaxColumns);
  }
  for (const Json& column : *columns) {
    const auto name = json_string(column, "name");
    if (!name) return propagate(name);
    const auto mean = json_double(column, "mean"), scale = json_double(column, "scale");
    if (!mean) return propagate(mean);
    if (!scale) return propagate(scale);
    if (!std::isfinite(*mean) || !std::isfinite(*scale) || *scale < 0) {
      return fail(ErrorCode::corrupt, "mean {} and scale {} of {} cannot be", *mean, *scale, *name);
    }
    fitted.columns.push_back({*name, *mean, *scale});
  }
  if (unknowns == json.end() || !unknowns->is_array() ||
      unknowns->size() != fitted.scores() * (fitted.columns.size() + 1)) {
    return fail(ErrorCode::corrupt, "'unknowns' does not fit {} columns", fitted.columns.size());
  }
  for (const Json& value : *unknowns) {
    // A larger one could make infinity less infinity, a NaN, of a row that is in order.
    if (!value.is_number() || !(std::abs(value.get<double>()) <= kLargestValue)) {
      return fail(ErrorCode::corrupt, "a weight is no number that can be");
    }
    fitted.unknowns.push_back(value.get<double>());
  }
  return fitted;
}

class LogisticModel final : public Model {
 public:
  explicit LogisticModel(Fitted fitted) : fitted_(std::move(fitted)) {}

  int classes() const override { return fitted_.classes; }
  std::size_t columns() const override { return fitted_.columns.size(); }

  void predict(const Matrix& rows, std::span<double> probabilities) const override {
    const std::size_t width = columns(), scores = fitted_.scores();
    const auto outputs = static_cast<std::size_t>(fitted_.classes);
    assert(rows.columns == width && rows.values.size() == rows.rows * width);
    assert(probabilities.size() == rows.rows * outputs);
    for (std::size_t row = 0; row < rows.rows; ++row) {
      std::array<double, kMaxClasses> score{};
      for (std::size_t s = 0; s < scores; ++s) score[s] = fitted_.unknowns[s * (width + 1)];
      for (std::size_t c = 0; c < width; ++c) {
        const double z = standardised(fitted_.columns[c], rows.values[row * width + c]);
        for (std::size_t s = 0; s < scores; ++s) score[s] += fitted_.unknowns[s * (width + 1) + c + 1] * z;
      }
      logistic_probabilities({score.data(), scores}, probabilities.subspan(row * outputs, outputs));
    }
  }

  Json describe() const override {
    Json intercepts = Json::array(), columns_json = Json::array();
    const std::size_t width = columns() + 1;
    for (std::size_t s = 0; s < fitted_.scores(); ++s) intercepts.push_back(fitted_.unknowns[s * width]);
    for (std::size_t c = 0; c < columns(); ++c) {
      Json weights = Json::array();
      for (std::size_t s = 0; s < fitted_.scores(); ++s)
        weights.push_back(fitted_.unknowns[s * width + c + 1]);
      const Column& column = fitted_.columns[c];
      columns_json.push_back(
          {{"name", column.name}, {"mean", column.mean}, {"scale", column.scale}, {"weights", weights}});
    }
    return {{"classes", fitted_.classes}, {"intercepts", intercepts}, {"columns", columns_json}};
  }

 private:
  Fitted fitted_;
};

Result<Trained> train(const Settings& settings, const TrainRequest& request) {
  if (auto checked = check_training_rows(request); !checked) return propagate(checked);
  Fitted fitted;
  fitted.classes = request.classes;
  const Matrix& rows = request.rows;
  for (std::size_t c = 0; c < rows.columns; ++c) fitted.columns.push_back(measure(request, c));
  std::vector<double> scaled(rows.values.size());
  for (std::size_t i = 0; i < scaled.size(); ++i) {
    scaled[i] = standardised(fitted.columns[i % rows.columns], rows.values[i]);
  }
  const LogisticProblem problem{
      {scaled, rows.rows, rows.columns}, request.labels, request.classes, settings.number("l2")};
  if (problem.unknowns() > kMaxUnknowns) {
    return fail(ErrorCode::bad_data,
                "logistic: {} columns make {} unknowns, at most {} can be solved for; use xgboost",
                rows.columns, problem.unknowns(), kMaxUnknowns);
  }
  LogisticSolution solution = solve_logistic(problem,
                                             {static_cast<int>(settings.integer("max_iterations")),
                                              settings.number("tolerance"), request.frozen_rounds},
                                             request.progress);
  for (const double value : solution.unknowns) {
    if (!std::isfinite(value))
      return fail(ErrorCode::internal, "logistic: the solver left the finite numbers");
  }
  fitted.unknowns = std::move(solution.unknowns);
  Json report = {{"iterations", solution.iterations},
                 {"converged", solution.converged},
                 {"penalised_log_loss", json_number(solution.loss)},
                 {"gradient_max", json_number(solution.gradient_max)}};
  return Trained{canonical(to_json(fitted)), solution.iterations, std::move(report)};
}

Result<Fitted> read(std::string_view bytes) {
  const auto json = parse_json(bytes);
  if (!json) return fail(ErrorCode::corrupt, "logistic model: {}", json.error().message);
  auto fitted = fitted_from_json(*json);
  if (!fitted) return fail(ErrorCode::corrupt, "logistic model: {}", fitted.error().message);
  // One model has one spelling; anything beside it was not written by train().
  if (canonical(to_json(*fitted)) != bytes) {
    return fail(ErrorCode::corrupt, "logistic model: the text is not as it was written");
  }
  return fitted;
}

Result<std::unique_ptr<Model>> load(std::string_view bytes) {
  auto fitted = read(bytes);
  if (!fitted) return propagate(fitted);
  return std::make_unique<LogisticModel>(std::move(*fitted));
}

// Weights are those of standardised columns, so a weight is already that of the plain column times its
// spread. With three classes: the mean over them of the distance from the mean weight, because a constant
// added to the weights of all classes changes no answer.
Result<Importance> importance(std::string_view bytes) {
  const auto fitted = read(bytes);
  if (!fitted) return propagate(fitted);
  const std::size_t scores = fitted->scores(), width = fitted->columns.size() + 1;
  Importance importance{.kind = "weight_spread", .columns = {}};
  double total = 0;
  for (std::size_t c = 0; c < fitted->columns.size(); ++c) {
    const Column& column = fitted->columns[c];
    double mean = 0, weight = 0;
    for (std::size_t s = 0; s < scores && scores > 1; ++s)
      mean += fitted->unknowns[s * width + c + 1] / static_cast<double>(scores);
    for (std::size_t s = 0; s < scores; ++s)
      weight += std::abs(fitted->unknowns[s * width + c + 1] - mean) / static_cast<double>(scores);
    importance.columns.push_back({.name = column.name, .share = column.scale > 0 ? weight : 0});
    total += importance.columns.back().share;
  }
  for (Importance::Column& column : importance.columns) column.share = total > 0 ? column.share / total : 0;
  return importance;
}

// Exact, since a score is a sum: weight × (value − mean), in units of the spread.
Result<Contributions> contributions(std::string_view bytes, std::span<const double> row) {
  const auto fitted = read(bytes);
  if (!fitted) return propagate(fitted);
  const std::size_t columns = fitted->columns.size();
  if (row.size() != columns) {
    return fail(ErrorCode::invalid_argument, "a row of {} values for a model of {} columns", row.size(),
                columns);
  }
  Contributions made;
  for (std::size_t s = 0; s < fitted->scores(); ++s) {
    const double* unknowns = fitted->unknowns.data() + s * (columns + 1);
    made.bias.push_back(unknowns[0]);
    for (std::size_t c = 0; c < columns; ++c) {
      made.by_column.push_back(unknowns[c + 1] * standardised(fitted->columns[c], row[c]));
    }
  }
  return made;
}

}  // namespace

ModelKind logistic_kind() {
  return {
      .name = "logistic",
      .help = "L2-regularised logistic regression on standardised columns (multinomial for three classes).",
      .schema = Schema{}
                    .number("l2", 0.01,
                            "penalty: l2/2 times the squared weights, beside the mean log loss of a row")
                    .range(1e-8, 1e6)
                    .integer("max_iterations", 100, "Newton steps at most")
                    .range(1, 10'000)
                    .number("tolerance", 1e-10, "stop when no part of the gradient is larger")
                    .range(1e-14, 1e-2),
      .train = train,
      .load = load,
      .importance = importance,
      .contributions = contributions};
}

}  // namespace pawl::models
