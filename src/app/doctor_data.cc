#include <unistd.h>

#include <algorithm>
#include <set>
#include <system_error>

#include "app/doctor.h"
#include "app/server_keys.h"
#include "http/access.h"
#include "store/check.h"

namespace pawl::app {
namespace {

using State = Finding::State;
namespace fs = std::filesystem;

// An event of a market that is ahead of this is from a clock that is wrong.
constexpr DurationMs kClockSlack = 5 * kMinuteMs;

Finding check_folder(const Path& folder) {
  std::error_code error;
  if (!fs::exists(folder, error)) {
    return {"folder", State::warn, fmt::format("{} is not there yet", folder.string()),
            "the first command that writes makes it; else name another with --data"};
  }
  if (!fs::is_directory(folder, error) || ::access(folder.c_str(), R_OK | W_OK | X_OK) != 0) {
    return {"folder", State::fail,
            fmt::format("{} is no folder that this user may write to", folder.string()),
            fmt::format("give it to the user that runs pawl: chown -R USER {}", folder.string())};
  }
  return {"folder", State::ok, fs::absolute(folder).string(), {}};
}

Finding check_lock(const Path& folder) {
  auto holder = FolderLock::holder(folder / "lock");
  if (!holder) return {"lock", State::fail, holder.error().message, "see who owns that file"};
  if (!*holder) return {"lock", State::ok, "free: nobody writes here now", {}};
  return {"lock", State::ok, fmt::format("held by process {}, which is running", **holder), {}};
}

Finding check_store(const Path& database) {
  const auto check = store::check_sqlite(database);
  if (!check)
    return {"store", State::fail, check.error().message, "stop pawl and restore a backup, then look again"};
  const std::string text = fmt::format("whole, schema {}", check->schema_version);
  if (check->schema_version == check->newest_version) return {"store", State::ok, text, {}};
  return {"store", State::warn, fmt::format("{} of {}", text, check->newest_version),
          "it is migrated, with a copy kept, when a command next writes: pawl run, pawl pull"};
}

void check_champions(DataFolder& data, std::vector<Finding>& findings) {
  const auto failed = [&](const Error& error) {
    findings.push_back({"models", State::fail, error.message, "look at them: pawl models verify"});
  };
  auto versions = data.store().versions().list();
  if (!versions) return failed(versions.error());
  std::set<LineId> lines;
  for (const store::VersionRow& row : *versions) lines.insert(row.line);
  std::size_t proven = 0;
  for (const LineId& line : lines) {
    auto champion = data.registry().champion(line);
    if (!champion) return failed(champion.error());
    if (!*champion) continue;
    auto loaded = data.registry().load(line, **champion);
    if (loaded) {
      ++proven;
      continue;
    }
    findings.push_back({"models", State::fail,
                        fmt::format("{} {}: {}", line, (*champion)->text(), loaded.error().message),
                        fmt::format("go back to one that holds: pawl rollback {}", line)});
  }
  findings.push_back(
      {"models",
       State::ok,
       lines.empty() ? std::string("none yet")
                     : fmt::format("{} of {} champions verify, self-tests included", proven, lines.size()),
       {}});
}

Finding check_bars(const recipe::Recipe& recipe, const Symbol& symbol,
                   const std::vector<store::BarStore::Listing>& listing, TimeMs now) {
  const auto stored = std::find_if(listing.begin(), listing.end(), [&](const auto& one) {
    return one.symbol == symbol.canonical() && one.timeframe == recipe.base;
  });
  const std::string name = fmt::format("{} {}", symbol.given(), recipe.base.name());
  if (stored == listing.end()) {
    return {"bars", State::warn, name + ": none", "bring some: pawl pull, or pawl import bars"};
  }
  const TimeMs closed = recipe.calendar.close_time(recipe.base, stored->last_open);
  const std::string text = fmt::format("{}: the last one closed at {}", name, format_time(closed));
  // The next one has had its whole length to come in and another to be late; while the market rests none
  // comes.
  const DurationMs length = recipe.base.duration_ms();
  const TimeMs due = closed + 2 * length;
  if (now <= due || !recipe.calendar.trades_within(closed, now - 2 * length))
    return {"bars", State::ok, text, {}};
  return {"bars", State::warn,
          fmt::format("{}, {:.1f} bars ago", text,
                      static_cast<double>(now - closed) / static_cast<double>(length)),
          "see whether its source or client still sends; a holiday explains it too"};
}

void check_all_bars(DataFolder& data, const recipe::Recipe& recipe, TimeMs now,
                    std::vector<Finding>& findings) {
  const auto kind = data.store().meta("kind");
  if (kind && kind->value_or("live") == "replay") {
    findings.push_back({"bars", State::ok, "a replay's: as old as they were given", {}});
    return;
  }
  const auto listing = data.store().bars().list();
  if (!listing) {
    findings.push_back({"bars", State::fail, listing.error().message, "see the store"});
    return;
  }
  for (const Symbol& symbol : recipe.symbols) findings.push_back(check_bars(recipe, symbol, *listing, now));
}

Finding check_newest_event(DataFolder& data, TimeMs now) {
  const auto last = data.store().events().last_seq();
  if (!last) return {"time", State::fail, last.error().message, "see the store"};
  const auto events = data.store().events().read_after(*last - 1, 1);
  if (!events) return {"time", State::fail, events.error().message, "see the store"};
  if (events->empty()) return {"time", State::ok, format_time(now), {}};
  const TimeMs newest = events->back().known_at;
  const std::string text =
      fmt::format("it is {}, the newest event is of {}", format_time(now), format_time(newest));
  if (newest <= now + kClockSlack) return {"time", State::ok, text, {}};
  return {"time", State::fail, text,
          "this clock is behind, or the one that wrote the event was ahead: set it right"};
}

void check_keys(const Path& folder, const recipe::Recipe& recipe, TimeMs now,
                std::vector<Finding>& findings) {
  const RealFileSystem files;
  const Path file = keys_file(folder);
  auto ring = open_key_ring(files, folder);
  if (!ring) {
    findings.push_back(
        {"keys", State::fail, ring.error().message, "put it right: the server does not start so"});
    return;
  }
  if (Status may = http::may_listen(recipe.server.address, **ring, now); !may) {
    findings.push_back({"keys", State::fail, may.error().message, "pawl keys add my-bot --scope predict"});
  } else {
    findings.push_back({"keys",
                        State::ok,
                        (*ring)->empty()
                            ? fmt::format("none; only this machine can ask {}", recipe.server.address)
                            : fmt::format("{} of them", (*ring)->list().size()),
                        {}});
  }
  std::error_code error;
  const fs::perms others =
      fs::status(file, error).permissions() & (fs::perms::group_all | fs::perms::others_all);
  if (!error && others != fs::perms::none) {
    findings.push_back({"keys_file", State::warn, fmt::format("{} can be read by others", file.string()),
                        fmt::format("chmod 600 {}", file.string())});
  }
}

}  // namespace

std::vector<Finding> check_data(const CommonOptions& common, const recipe::Recipe& recipe, TimeMs now) {
  const Path folder = common.data;
  std::vector<Finding> findings = {check_folder(folder)};
  if (findings.front().state == State::fail) return findings;
  check_keys(folder, recipe, now, findings);
  if (!RealFileSystem().exists(folder / "pawl.db")) {
    findings.push_back({"store", State::ok, "none yet: nothing was run here", {}});
    return findings;
  }
  findings.push_back(check_lock(folder));
  findings.push_back(check_store(folder / "pawl.db"));
  if (findings.back().state == State::fail) return findings;
  auto data = DataFolder::open(folder, DataFolder::Use::read);
  if (!data) {
    findings.push_back({"store", State::warn, data.error().message, "the store could not be looked into"});
    return findings;
  }
  check_champions(**data, findings);
  check_all_bars(**data, recipe, now, findings);
  findings.push_back(check_newest_event(**data, now));
  return findings;
}

}  // namespace pawl::app
