#include "studies/asked_model.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "models/artifact_model.h"

namespace pawl::studies {

AskedModel::AskedModel(const Market& market, const Market::Rows& rows, std::unique_ptr<models::Model> model,
                       std::string name)
    : market_(market), rows_(rows), model_(std::move(model)), name_(std::move(name)) {
  const std::size_t blocks = market.bars().size() / kBlock + 1;
  answers_.resize(blocks);
  sides_.resize(blocks);
}

Result<ModelHandle> AskedModel::load(const Market& market, const Market::Rows& rows, const Artifact& artifact,
                                     std::string name) {
  auto model = models::load_artifact(artifact);
  if (!model) return propagate(model);
  if ((*model)->columns() != rows.frame.columns()) {
    return fail(ErrorCode::corrupt, "{}: the model reads {} columns, its feature list has {}", name,
                (*model)->columns(), rows.frame.columns());
  }
  std::shared_ptr<AskedModel> asked(new AskedModel(market, rows, std::move(*model), std::move(name)));
  asked->data_cut_ = artifact.data_cut;
  asked->trained_on_ = artifact.trained_on;
  return asked;
}

std::vector<double> AskedModel::ask(std::size_t block) const {
  const FeatureFrame& frame = rows_.frame;
  const std::size_t first = block * kBlock, count = std::min(kBlock, frame.rows() - first);
  std::vector<double> probabilities(count * static_cast<std::size_t>(classes()));
  model_->predict({std::span(frame.values).subspan(first * frame.columns(), count * frame.columns()), count,
                   frame.columns()},
                  probabilities);
  return probabilities;
}

const std::vector<double>& AskedModel::answers(std::size_t block) const {
  std::vector<double>& slot = answers_[block];
  if (slot.empty()) slot = ask(block);
  return slot;
}

const std::vector<signed char>& AskedModel::sides(std::size_t block) const {
  std::vector<signed char>& slot = sides_[block];
  if (!slot.empty()) return slot;
  const std::vector<double> asked = answers_[block].empty() ? ask(block) : std::vector<double>();
  const std::vector<double>& probabilities = asked.empty() ? answers_[block] : asked;
  const auto width = static_cast<std::size_t>(classes());
  const judging::SignalRule& rule = market_.recipe().signal;
  for (std::size_t i = 0; i * width < probabilities.size(); ++i) {
    const bool allowed = market_.signal_allowed(block * kBlock + i);
    const Side side = allowed ? rule.side(std::span(probabilities).subspan(i * width, width)) : Side::hold;
    slot.push_back(static_cast<signed char>(side));
  }
  return slot;
}

Side AskedModel::side(std::size_t bar, Block& block) const {
  assert(bar < rows_.frame.rows());
  const std::size_t number = bar / kBlock;
  if (block.number != number) {
    const std::scoped_lock lock(mutex_);
    block = {number, sides(number).data()};
  }
  return static_cast<Side>(block.sides[bar % kBlock]);
}

Side AskedModel::side(std::size_t bar) const {
  Block block;
  return side(bar, block);
}

std::vector<double> AskedModel::probabilities(std::span<const std::size_t> bars) const {
  const auto width = static_cast<std::size_t>(classes());
  std::vector<double> all;
  all.reserve(bars.size() * width);
  const std::scoped_lock lock(mutex_);
  for (const std::size_t bar : bars) {
    const std::vector<double>& block = answers(bar / kBlock);
    const auto from = block.begin() + static_cast<std::ptrdiff_t>((bar % kBlock) * width);
    all.insert(all.end(), from, from + static_cast<std::ptrdiff_t>(width));
  }
  return all;
}

}  // namespace pawl::studies
