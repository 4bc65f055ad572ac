// A file system that fails and loses power, for tests of everything that writes: wrap the real one, let the
// code under test run against it, and ask after every possible crash whether what is left is still whole.
//
//   for (int n = 1; ; ++n) {
//     TempFolder folder;
//     CrashingFileSystem files(real, folder.path());
//     files.lose_power_at(n);
//     const bool done = save(files, folder / "a").has_value();
//     files.apply_power_loss(/*seed=*/n, UnsyncedNames::dropped);
//     EXPECT_THAT(load(real, folder / "a"), old or new);
//     if (done) break;
//   }
//
// It keeps a model of what is durable (contents by fsync of the file, names by fsync of their folder) beside
// the real folder. What is there before, or is put there behind its back, counts as durable.
#pragma once

#include <cassert>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/files.h"
#include "base/random.h"

namespace pawl::test {

// What becomes of names (created, renamed, removed) whose folder was not synced: a disk may do either, and
// code has to stand both.
enum class UnsyncedNames { dropped, kept };

class CrashingFileSystem final : public FileSystem {
 public:
  // `root` is an existing folder; every path given later must lie in it.
  CrashingFileSystem(FileSystem& real, Path root) : real_(real), root_(root.lexically_normal()), nodes_(1) {
    nodes_[0].is_folder = true;
  }

  // Calls that change something (write, sync, rename, make_folders, remove_all, link) are counted from 1.
  int calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  void restart_count() {
    const std::lock_guard lock(mutex_);
    calls_ = 0;
  }
  // The nth call fails with ErrorCode::io, as on a full disk: of a write, half is done.
  void fail_call(int n) {
    const std::lock_guard lock(mutex_);
    failing_call_ = n;
  }
  // The nth call and every later one fails, reading too, until apply_power_loss. A write that is hit may
  // have begun.
  void lose_power_at(int n) {
    const std::lock_guard lock(mutex_);
    power_loss_call_ = n;
  }
  bool power_is_lost() const {
    const std::lock_guard lock(mutex_);
    return power_lost_;
  }

  // Leaves in the real folder what a disk could hold after the power went now: contents that were not
  // synced become empty or half, by the seed; names that were not synced are dropped or kept. Then the
  // power is back, no fault is planned, and all that is left counts as durable.
  void apply_power_loss(std::uint64_t seed, UnsyncedNames names = UnsyncedNames::dropped) {
    const std::lock_guard lock(mutex_);
    rebuild(seed, names);
  }

  Status write(const Path& file, std::string_view bytes) override {
    const std::lock_guard lock(mutex_);
    const Fault fault = next_call();
    if (fault == Fault::dead) return injected("write", file);
    static_cast<void>(find(file));  // what is there already is durable, and must be seen before
    const std::string_view part = fault == Fault::none ? bytes : bytes.substr(0, bytes.size() / 2);
    if (const Status status = real_.write(file, part); !status) return status;
    const auto [folder, name] = parent_of(file);
    nodes_[add(folder, name, /*is_folder=*/false)].synced = false;
    if (fault != Fault::none) return injected("write", file);
    return {};
  }

  Status sync(const Path& path) override {
    const std::lock_guard lock(mutex_);
    if (next_call() != Fault::none) return injected("sync", path);
    if (const Status status = real_.sync(path); !status) return status;
    Node& node = nodes_[*find(path)];
    node.synced = true;
    node.durable = node.now;
    return {};
  }

  Status rename(const Path& from, const Path& to) override {
    const std::lock_guard lock(mutex_);
    if (next_call() != Fault::none) return injected("rename", from);
    const std::optional<std::size_t> moved = find(from);
    if (const auto replaced = find(to)) keep_contents(*replaced, to);
    if (const Status status = real_.rename(from, to); !status) return status;
    assert(moved);
    const auto [old_folder, old_name] = parent_of(from);
    nodes_[old_folder].now.erase(old_name);
    const auto [new_folder, new_name] = parent_of(to);
    nodes_[new_folder].now[new_name] = *moved;
    return {};
  }

  Status make_folders(const Path& folder) override {
    const std::lock_guard lock(mutex_);
    if (next_call() != Fault::none) return injected("make the folder", folder);
    static_cast<void>(find(folder));  // what is there already is durable, and must be seen before
    if (const Status status = real_.make_folders(folder); !status) return status;
    std::size_t node = 0;
    for (const Path& part : inside(folder)) {
      if (!part.empty()) node = add(node, part.string(), /*is_folder=*/true);
    }
    return {};
  }

  Status remove_all(const Path& path) override {
    const std::lock_guard lock(mutex_);
    if (next_call() != Fault::none) return injected("remove", path);
    if (const auto removed = find(path)) {
      keep_contents(*removed, path);
      const auto [folder, name] = parent_of(path);
      nodes_[folder].now.erase(name);
    }
    return real_.remove_all(path);
  }

  // Made at once and for good: a link says where the bytes are, and those are what is looked after here.
  Status link(const Path& target, const Path& name) override {
    const std::lock_guard lock(mutex_);
    return next_call() == Fault::none ? real_.link(target, name) : injected("link", name);
  }

  Result<std::string> read(const Path& file) const override {
    if (power_is_lost()) return injected("read", file);
    return real_.read(file);
  }
  bool exists(const Path& path) const override { return !power_is_lost() && real_.exists(path); }
  std::vector<std::string> list(const Path& folder) const override {
    return power_is_lost() ? std::vector<std::string>{} : real_.list(folder);
  }

 private:
  enum class Fault { none, hit, dead };

  // A file or folder, whatever names lead to it.
  struct Node {
    bool is_folder = false;
    bool synced = true;                          // a file's content
    std::optional<std::string> kept;             // the content of a file that no present name leads to
    std::map<std::string, std::size_t> now;      // a folder's names, as a program sees them
    std::map<std::string, std::size_t> durable;  // and as they are on the disk
  };
  using Contents = std::map<Path, std::optional<std::string>>;  // nothing for a folder

  static std::unexpected<Error> injected(std::string_view doing, const Path& path) {
    return fail(ErrorCode::io, "cannot {} {}: injected fault", doing, path.string());
  }

  Fault next_call() {
    if (power_lost_) return Fault::dead;
    ++calls_;
    if (calls_ == power_loss_call_) power_lost_ = true;
    return power_lost_ || calls_ == failing_call_ ? Fault::hit : Fault::none;
  }

  Path inside(const Path& path) const {
    const Path relative = path.lexically_normal().lexically_relative(root_);
    assert(!relative.empty() && *relative.begin() != "..");
    return relative == "." ? Path() : relative;
  }

  std::optional<std::size_t> find(const Path& path) {
    std::size_t node = 0;
    Path walked = root_;
    for (const Path& part : inside(path)) {
      if (part.empty()) continue;  // "folder/"
      walked /= part;
      if (!nodes_[node].now.contains(part.string())) {
        if (!std::filesystem::exists(walked)) return std::nullopt;
        adopt(node, walked);
      }
      node = nodes_[node].now.at(part.string());
    }
    return node;
  }

  std::pair<std::size_t, std::string> parent_of(const Path& path) {
    const auto parent = find(path.parent_path());
    assert(parent);
    return {*parent, path.filename().string()};
  }

  // The node of that name, made where there is none yet; only sync makes the name durable.
  std::size_t add(std::size_t folder, const std::string& name, bool is_folder) {
    const std::size_t node = nodes_[folder].now.try_emplace(name, nodes_.size()).first->second;
    if (node == nodes_.size()) nodes_.emplace_back().is_folder = is_folder;
    return node;
  }

  // Takes in what was there before us.
  void adopt(std::size_t folder, const Path& path) {
    const std::string name = path.filename().string();
    const std::size_t node = add(folder, name, std::filesystem::is_directory(path));
    nodes_[folder].durable[name] = node;
    adopt_inside(node, path);
  }
  void adopt_inside(std::size_t node, const Path& path) {
    if (!nodes_[node].is_folder) return;
    for (const std::string& name : real_.list(path)) {
      if (!nodes_[node].now.contains(name)) adopt(node, path / name);
    }
  }

  // Remembers what is about to lose its name: on the disk it may still have one.
  void keep_contents(std::size_t node, const Path& path) {
    if (!nodes_[node].is_folder) nodes_[node].kept = real_.read(path).value_or("");
    const auto names = nodes_[node].now;
    for (const auto& [name, child] : names) keep_contents(child, path / name);
  }

  // Everything under a node by its present names.
  void collect_present(std::size_t node, const Path& path, std::map<std::size_t, Path>& paths) const {
    for (const auto& [name, child] : nodes_[node].now) {
      paths[child] = path / name;
      collect_present(child, path / name, paths);
    }
  }

  void collect_surviving(std::size_t node, const Path& path, UnsyncedNames names,
                         const std::map<std::size_t, Path>& present, Random& random, Contents& left) const {
    const Node& folder = nodes_[node];
    for (const auto& [name, child] : names == UnsyncedNames::kept ? folder.now : folder.durable) {
      const Path child_path = path / name;
      left[child_path];
      if (nodes_[child].is_folder) {
        collect_surviving(child, child_path, names, present, random, left);
        continue;
      }
      const auto found = present.find(child);
      std::string bytes =
          found != present.end() ? real_.read(found->second).value_or("") : nodes_[child].kept.value_or("");
      if (!nodes_[child].synced) bytes.resize(random.below(2) == 0 ? 0 : bytes.size() / 2);
      left[child_path] = std::move(bytes);
    }
  }

  void rebuild(std::uint64_t seed, UnsyncedNames names) {
    std::map<std::size_t, Path> present;
    collect_present(0, root_, present);
    Random random(seed);
    Contents left;
    collect_surviving(0, root_, names, present, random, left);

    std::map<Path, std::size_t> by_path;
    for (const auto& [node, path] : present) by_path[path] = node;
    // Deepest first. Files that stay as they are are not touched: a database may hold them open.
    for (auto entry = by_path.rbegin(); entry != by_path.rend(); ++entry) {
      const auto& [path, node] = *entry;
      std::error_code ignored;  // a folder with files put there behind our back stays
      if (!left.contains(path) || left.at(path).has_value() == nodes_[node].is_folder) {
        std::filesystem::remove(path, ignored);
      }
    }
    for (const auto& [path, bytes] : left) {
      if (!bytes) {
        std::filesystem::create_directories(path);
      } else if (const auto now = real_.read(path); !now || *now != *bytes) {
        static_cast<void>(real_.write(path, *bytes));
      }
    }
    nodes_.assign(1, Node{});
    nodes_[0].is_folder = true;
    power_lost_ = false;
    calls_ = failing_call_ = power_loss_call_ = 0;
  }

  FileSystem& real_;
  const Path root_;
  mutable std::mutex mutex_;
  std::vector<Node> nodes_;  // the first is the root
  int calls_ = 0, failing_call_ = 0, power_loss_call_ = 0;
  bool power_lost_ = false;
};

}  // namespace pawl::test
