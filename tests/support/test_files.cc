#include "support/test_files.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <iterator>

namespace pawl::test {

namespace fs = std::filesystem;

fs::path source_dir() {
  return PAWL_SOURCE_DIR;
}

std::optional<fs::path> shared_data() {
  const fs::path folder = source_dir().parent_path() / "shared" / "data";
  if (!fs::is_directory(folder)) return std::nullopt;
  return folder;
}

TempFolder::TempFolder() {
  std::string name = (fs::temp_directory_path() / "pawl-test-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) ADD_FAILURE() << "no temporary folder can be made at " << name;
  path_ = name;
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void write_file(const fs::path& file, const std::string& bytes) {
  fs::create_directories(file.parent_path());
  std::ofstream out(file, std::ios::binary);
  out << bytes;
  out.close();
  ASSERT_TRUE(out.good()) << "cannot write " << file;
}

std::string read_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  EXPECT_TRUE(in.good()) << "cannot read " << file;
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace pawl::test
