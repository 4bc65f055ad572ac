// Connections for reading what is durable, lent to whichever server thread answers: opening one costs a
// millisecond, which a request should not wait for each time.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "base/files.h"
#include "http/context.h"
#include "registry/registry.h"

namespace pawl::http {

// Safe from any thread.
class Readers {
 public:
  explicit Readers(const Context& context) : context_(context) {}

  struct Reader {
    std::unique_ptr<store::Store> store;
    std::unique_ptr<registry::Registry> registry;  // over that store and the data folder
  };
  // One that nobody else uses, given back at the end of its life.
  class Lease {
   public:
    Lease(Readers& home, std::unique_ptr<Reader> reader) : home_(&home), reader_(std::move(reader)) {}
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (reader_) home_->give_back(std::move(reader_));
    }
    store::Store& store() { return *reader_->store; }
    registry::Registry& registry() { return *reader_->registry; }

   private:
    Readers* home_;
    std::unique_ptr<Reader> reader_;
  };
  Result<Lease> take();

 private:
  void give_back(std::unique_ptr<Reader> reader);

  const Context& context_;
  RealFileSystem files_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Reader>> spare_;
};

}  // namespace pawl::http
