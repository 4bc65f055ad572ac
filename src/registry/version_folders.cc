#include "registry/version_folders.h"

#include <algorithm>

#include "registry/manifest.h"

namespace pawl::registry {
namespace {

constexpr std::size_t kLongestName = 100;

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '.' || c == '=' || c == '^';
}

// One to one, so that two lines never share a folder.
std::string folder_name(std::string_view part) {
  std::string name;
  for (const char c : part) {
    if (is_plain(c) && !(c == '.' && name.empty())) {
      name += c;
    } else {
      fmt::format_to(std::back_inserter(name), "%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return name;
}

}  // namespace

Result<std::string> version_folder(const LineId& line, VersionNumber number) {
  const std::size_t slash = line.find('/');
  const bool has_both = slash != std::string::npos && slash > 0 && slash + 1 < line.size();
  const bool control = std::ranges::any_of(line, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  if (!has_both || control || line.find("..") != std::string::npos || line.find('\\') != std::string::npos ||
      line[slash + 1] == '/' || line.size() > kLongestName) {
    return fail(ErrorCode::invalid_argument,
                "{} is not the name of a line: write recipe/SYMBOL, at most {} characters, without \"..\" or "
                "backslashes",
                json_quote(line), kLongestName);
  }
  return fmt::format("{}/{}/{}/{}", kVersionsFolder, folder_name(std::string_view(line).substr(0, slash)),
                     folder_name(std::string_view(line).substr(slash + 1)), number.text());
}

bool is_version_name(std::string_view name) {
  if (name.ends_with(kWithServing)) name.remove_suffix(kWithServing.size());
  const auto number = VersionNumber::parse(name);
  return number && number->text() == name;
}

Status write_version(FileSystem& files, const Path& data, const std::string& folder,
                     const VersionFiles& version) {
  const Path target = data / folder;
  const Path half = target.parent_path() / (std::string(kHalfWritten) + target.filename().string());
  if (Status removed = files.remove_all(half); !removed) return removed;
  // Left by an add whose row was never written.
  if (Status removed = files.remove_all(target); !removed) return removed;
  if (Status made = files.make_folders(half); !made) return made;
  for (const auto& [name, bytes] : version) {
    if (Status written = files.write(half / name, bytes); !written) return written;
    if (Status synced = files.sync(half / name); !synced) return synced;
  }
  if (Status synced = files.sync(half); !synced) return synced;
  if (Status renamed = files.rename(half, target); !renamed) return renamed;
  // The folders above may be as new as this one, even where an earlier process made them.
  for (Path above = target.parent_path(); above != data; above = above.parent_path()) {
    if (Status synced = files.sync(above); !synced) return synced;
  }
  return files.sync(data);
}

Result<VersionFiles> read_version(const FileSystem& files, const Path& data, const std::string& folder) {
  const Path source = data / folder;
  if (!files.exists(source)) return fail(ErrorCode::corrupt, "{}: the folder is gone", folder);
  VersionFiles version;
  for (const std::string_view name : {kManifestFile, kJudgedFile, kServingFile, kSelfTestFile}) {
    auto bytes = files.read(source / name);
    if (bytes) {
      version.emplace_back(name, std::move(*bytes));
    } else if (bytes.error().code != ErrorCode::not_found) {
      return within(folder, bytes.error());
    } else if (name == kManifestFile) {
      return fail(ErrorCode::corrupt, "{}/{}: is missing", folder, name);
    }
  }
  for (const std::string& name : files.list(source)) {
    const bool known = std::ranges::any_of(version, [&](const auto& file) { return file.first == name; });
    if (!known) return fail(ErrorCode::corrupt, "{}/{}: does not belong here", folder, name);
  }
  return version;
}

}  // namespace pawl::registry
