// A trained model that is asked about the bars of its market, in blocks, when somebody wants to know: whoever
// serves it, judges by it or looks back on it shares the answers.
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "models/model_kind.h"
#include "studies/market.h"

namespace pawl::studies {

// Safe from any thread.
class AskedModel {
 public:
  static constexpr std::size_t kBlock = 64;

  // What the artifact answers, its probabilities mapped where it has a calibration. `rows` are those of the
  // model's own feature list; they and the market outlive it. corrupt where the bytes
  // are no model, or one of another width.
  static Result<std::shared_ptr<const AskedModel>> load(const Market& market, const Market::Rows& rows,
                                                        const Artifact& artifact, std::string name);

  // What was trained, in words that tell it from any other training of the comparison.
  const std::string& name() const { return name_; }
  const Market& market() const { return market_; }
  const Market::Rows& rows() const { return rows_; }
  int classes() const { return model_->classes(); }
  TimeMs data_cut() const { return data_cut_; }
  const RowRange& trained_on() const { return trained_on_; }

  // The side that it says at a bar, HOLD where no signal may be; the row need not be ready. `block` keeps the
  // answers of a caller who goes bar by bar, for its own use: it is valid for this model alone.
  struct Block {
    std::size_t number = static_cast<std::size_t>(-1);
    const signed char* sides = nullptr;
  };
  Side side(std::size_t bar, Block& block) const;
  Side side(std::size_t bar) const;
  // Probabilities for the given bars, increasing: bars × classes.
  std::vector<double> probabilities(std::span<const std::size_t> bars) const;

 private:
  AskedModel(const Market& market, const Market::Rows& rows, std::unique_ptr<models::Model> model,
             std::string name);
  const std::vector<double>& answers(std::size_t block) const;
  const std::vector<signed char>& sides(std::size_t block) const;
  std::vector<double> ask(std::size_t block) const;

  const Market& market_;
  const Market::Rows& rows_;
  std::unique_ptr<const models::Model> model_;
  std::string name_;
  TimeMs data_cut_ = 0;
  RowRange trained_on_;
  mutable std::mutex mutex_;
  // By block, empty until somebody asks. Sides are kept apart: who serves needs no probabilities.
  mutable std::vector<std::vector<double>> answers_;
  mutable std::vector<std::vector<signed char>> sides_;
};
using ModelHandle = std::shared_ptr<const AskedModel>;

}  // namespace pawl::studies
