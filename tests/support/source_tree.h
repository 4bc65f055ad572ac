// The project's own sources as text, for the tests that check rules of the house on every file.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace pawl::test {

struct SourceFile {
  std::string name;  // relative to the folder that was listed, with /: "base/json.h"
  std::vector<std::string> lines;
};

// All files below `folder` with one of these endings (".cc"), sorted by name.
std::vector<SourceFile> source_files(const std::filesystem::path& folder,
                                     const std::vector<std::string>& endings);

struct Include {
  std::size_t line = 0;  // from 1
  std::string target;    // what stands between the quotes or brackets
  bool quoted = false;
};
std::vector<Include> includes_of(const SourceFile& file);

// The part of a relative name before the first slash, or the whole name.
std::string top_folder(const std::string& name);

}  // namespace pawl::test
