// Folders for tests: the shared market data, which may be missing, and temporary ones that clean up.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace pawl::test {

// ../shared/data beside the project's root, or nothing. A test that needs it is skipped, loudly:
//   auto data = shared_data();
//   if (!data) GTEST_SKIP() << kNoSharedData;
std::optional<std::filesystem::path> shared_data();
inline constexpr const char* kNoSharedData =
    "SKIPPED: ../shared/data is not beside the project; real bars are needed here";

// The project's root.
std::filesystem::path source_dir();

// A fresh folder, removed with all in it at the end of its life.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

// Writes and reads a whole file; fails the test where that does not work.
void write_file(const std::filesystem::path& file, const std::string& bytes);
std::string read_file(const std::filesystem::path& file);

}  // namespace pawl::test
