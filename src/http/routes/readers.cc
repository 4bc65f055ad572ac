#include "http/routes/readers.h"

namespace pawl::http {

namespace {
// More than that are closed again: a rush of requests should not be remembered as open files.
constexpr std::size_t kSpareMost = 8;
}  // namespace

Result<Readers::Lease> Readers::take() {
  {
    const std::scoped_lock lock(mutex_);
    if (!spare_.empty()) {
      std::unique_ptr<Reader> reader = std::move(spare_.back());
      spare_.pop_back();
      return Lease(*this, std::move(reader));
    }
  }
  auto store = context_.open_store();
  if (!store) return propagate(store);
  auto reader = std::make_unique<Reader>();
  reader->store = std::move(*store);
  reader->registry = std::make_unique<registry::Registry>(*reader->store, files_, Path(context_.data_folder));
  return Lease(*this, std::move(reader));
}

void Readers::give_back(std::unique_ptr<Reader> reader) {
  const std::scoped_lock lock(mutex_);
  if (spare_.size() < kSpareMost) spare_.push_back(std::move(reader));
}

}  // namespace pawl::http
