// The house is built as src/rooms.txt says: every #include is checked against it.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "support/source_tree.h"
#include "support/test_files.h"

namespace pawl::test {
namespace {

namespace fs = std::filesystem;

struct Room {
  int floor = 0;
  std::set<std::string> may_include;
};
using House = std::map<std::string, Room>;

House read_rooms(const fs::path& file) {
  House house;
  std::istringstream in(read_file(file));
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    Room room;
    std::string name;
    words >> room.floor >> name;
    for (std::string other; words >> other;) room.may_include.insert(other);
    if (name != "base") room.may_include.insert("base");
    if (room.floor > 1) room.may_include.insert("domain");
    house[name] = room;
  }
  return house;
}

// Where a header from outside may stand: in files whose name begins with one of these.
struct Outside {
  std::string header;  // how the include begins
  std::vector<std::string> homes;
};
const std::vector<Outside>& outside_headers() {
  static const std::vector<Outside> headers = {
      {"nlohmann/", {"base/json."}},
      {"fmt/", {"base/format.h"}},
      {"spdlog/", {"base/log.cc"}},
      {"yaml-cpp/", {"base/config_node.cc"}},
      {"openssl/", {"base/hash.cc"}},
      {"zlib.h", {"base/gzip.cc"}},
      {"zip.h", {"base/zip.cc"}},
      {"date/", {"base/timezone.cc"}},
      {"sqlite3.h", {"store/backends/sqlite"}},
      {"xgboost/", {"models/kinds/xgboost"}},
      {"simdjson.h", {"http/predict_body"}},
      {"prometheus/", {"http/routes/metrics.cc"}},
      {"CLI/", {"app/"}},
      {"boost/math/", {"stats/"}},
      {"boost/", {"http/connection.", "http/event_loop.", "http/request_parser.", "http/server.cc"}},
      {"malloc.h", {"http/event_loop.cc"}},
      {"emmintrin.h", {"features/simd/four_sse2.h"}},
      {"immintrin.h", {"features/simd/four_avx2.h"}},
      // Chance, threads, processes and the file system belong to base and to the program.
      {"random", {"base/", "app/"}},
      {"thread", {"base/", "app/", "http/server.cc"}},
      {"fstream", {"base/", "app/"}},
      {"iostream", {"app/"}},
      {"sys/", {"base/", "app/", "http/server.cc"}},
      {"unistd.h", {"base/", "app/"}},
      {"fcntl.h", {"base/", "app/"}},
      {"signal.h", {"base/", "app/"}},
      {"arpa/", {"base/"}},
      {"netinet/", {"base/", "app/"}},
      {"poll.h", {"base/", "app/"}},
      {"sched.h", {"base/"}},
      {"spawn.h", {"base/", "app/"}},
      {"time.h", {"base/"}},
  };
  return headers;
}

bool at_home(const std::string& file, const Outside& outside) {
  return std::any_of(outside.homes.begin(), outside.homes.end(),
                     [&](const std::string& home) { return file.starts_with(home); });
}

// What is wrong with one include, or empty.
std::string fault_of(const Include& include, const SourceFile& file, const House& house,
                     const fs::path& src) {
  const std::string room = top_folder(file.name);
  if (include.quoted) {
    const std::string other = top_folder(include.target);
    if (!house.contains(other)) return "is not written from src/ on, as in \"base/result.h\"";
    if (!fs::exists(src / include.target)) return "does not exist";
    if (other == room || house.at(room).may_include.contains(other)) return "";
    return "is of a room that " + room + " may not include (src/rooms.txt)";
  }
  for (const Outside& outside : outside_headers()) {
    const bool whole = outside.header.back() != '/';
    const bool is_it = whole ? include.target == outside.header : include.target.starts_with(outside.header);
    if (is_it) return at_home(file.name, outside) ? "" : "does not belong in this file";
  }
  const bool standard = include.target.find_first_of("./") == std::string::npos;
  return standard ? "" : "is a header from outside that has no home in tests/architecture/rooms_test.cc";
}

std::vector<std::string> find_faults(const fs::path& src) {
  std::vector<std::string> faults;
  const House house = read_rooms(src / "rooms.txt");
  for (const auto& [name, room] : house) {
    for (const std::string& other : room.may_include) {
      if (!house.contains(other)) {
        faults.push_back("rooms.txt: " + name + " names " + other + ", which is no room");
      } else if (house.at(other).floor >= room.floor) {
        faults.push_back("rooms.txt: " + name + " stands no higher than " + other);
      }
    }
  }
  for (const SourceFile& file : source_files(src, {".h", ".cc"})) {
    if (!house.contains(top_folder(file.name))) {
      faults.push_back(file.name + ": its folder is not in rooms.txt");
      continue;
    }
    for (const Include& include : includes_of(file)) {
      const std::string fault = fault_of(include, file, house, src);
      if (fault.empty()) continue;
      faults.push_back(file.name + ":" + std::to_string(include.line) + ": " + include.target + " " + fault);
    }
  }
  return faults;
}

TEST(Rooms, EveryIncludeIsAllowed) {
  for (const std::string& fault : find_faults(source_dir() / "src")) ADD_FAILURE() << fault;
}

TEST(Rooms, TheTableHasTheRoomsThatTheSourcesHave) {
  const House house = read_rooms(source_dir() / "src" / "rooms.txt");
  std::set<std::string> with_files;
  for (const SourceFile& file : source_files(source_dir() / "src", {".h", ".cc"})) {
    with_files.insert(top_folder(file.name));
  }
  for (const auto& [name, room] : house) EXPECT_TRUE(with_files.contains(name)) << name << " is empty";
  EXPECT_EQ(with_files.size(), house.size());
}

// A house of three rooms in which each mistake is planted once, to see that the check can fail.
class PlantedFault : public testing::Test {
 protected:
  void SetUp() override {
    write_file(house_ / "rooms.txt", "# floors\n0 base\n1 domain\n2 store\n2 gates\n3 loop store gates\n");
    write_file(house_ / "base/result.h", "#pragma once\n#include <expected>\n");
    write_file(house_ / "domain/bar.h", "#include \"base/result.h\"\n");
    write_file(house_ / "store/store.h", "#include \"domain/bar.h\"\n");
    write_file(house_ / "gates/gate.h", "#include \"domain/bar.h\"\n");
    write_file(house_ / "loop/loop.cc", "#include \"store/store.h\"\n#include \"gates/gate.h\"\n");
  }
  std::vector<std::string> with(const std::string& file, const std::string& text) {
    write_file(house_ / file, text);
    return find_faults(house_.path());
  }
  TempFolder house_;
};

TEST_F(PlantedFault, NoneInASoundHouse) {
  EXPECT_EQ(find_faults(house_.path()), std::vector<std::string>{});
}

TEST_F(PlantedFault, ARoomOnTheSameFloor) {
  EXPECT_EQ(
      with("gates/better.cc", "// why\n#include \"store/store.h\"\n"),
      std::vector<std::string>{"gates/better.cc:2: store/store.h is of a room that gates may not include "
                               "(src/rooms.txt)"});
}

TEST_F(PlantedFault, ARoomOnAHigherFloor) {
  write_file(house_ / "loop/loop.h", "\n");
  EXPECT_EQ(with("base/result.cc", "#include \"loop/loop.h\"\n").size(), 1u);
}

TEST_F(PlantedFault, APathFromTheFileItself) {
  EXPECT_EQ(with("gates/better.cc", "#include \"gate.h\"\n").size(), 1u);
}

TEST_F(PlantedFault, AFileThatIsNotThere) {
  EXPECT_EQ(with("gates/better.cc", "#include \"gates/gone.h\"\n").size(), 1u);
}

TEST_F(PlantedFault, AFolderThatIsNoRoom) {
  EXPECT_EQ(with("cellar/wine.cc", "\n").size(), 1u);
}

TEST_F(PlantedFault, AThirdPartysHeaderOutsideItsHome) {
  EXPECT_EQ(with("gates/better.cc", "#  include <sqlite3.h>\n").size(), 1u);
  EXPECT_EQ(with("gates/better.cc", "#include <nlohmann/json.hpp>\n").size(), 1u);
  EXPECT_EQ(with("gates/better.cc", "#include <never/heard.h>\n").size(), 1u);
}

TEST_F(PlantedFault, ThreadsOutsideBase) {
  EXPECT_EQ(with("gates/better.cc", "#include <thread>\n").size(), 1u);
}

TEST_F(PlantedFault, ATableThatRunsUpward) {
  EXPECT_EQ(with("rooms.txt", "0 base\n1 domain\n2 store loop\n2 gates\n3 loop store gates\n").size(), 1u);
  EXPECT_EQ(with("rooms.txt", "0 base\n1 domain\n2 store\n2 gates\n3 loop store gates attic\n").size(), 1u);
}

}  // namespace
}  // namespace pawl::test
