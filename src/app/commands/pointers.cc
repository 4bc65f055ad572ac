// The pointer, moved by hand: promote, rollback, release.
#include "app/commands.h"
#include "app/followers.h"
#include "app/hand_events.h"

namespace pawl::app {

namespace {

struct Target {
  std::unique_ptr<DataFolder> data;
  LineId line;
};

// Opened for reading first: a folder without a store is then an error, not a new store.
Result<Target> open_line(const CommonOptions& common, const std::string& line) {
  auto read = DataFolder::open(common.data, DataFolder::Use::read);
  if (!read) return propagate(read);
  read->reset();
  Target target;
  auto data = DataFolder::open(common.data, DataFolder::Use::write);
  if (!data) return propagate(data);
  target.data = std::move(*data);
  auto found = find_line(target.data->registry(), line);
  if (!found) return propagate(found);
  target.line = *found;
  return target;
}

void tell(const CommonOptions& common, const LineId& line, std::string_view action,
          std::optional<VersionNumber> from, VersionNumber to) {
  if (common.json) {
    print(Json{{"line", line},
               {"action", action},
               {"from", from ? Json(from->text()) : Json()},
               {"to", to.text()}}
              .dump() +
          "\n");
  } else if (!common.quiet) {
    print(fmt::format("{}: {} → {} ({})\n", line, from ? from->text() : std::string("–"), to.text(), action));
  }
}

// A version that the gate refused was never fitted to the present: that is made good here.
Status give_serving_artifact(const CommonOptions& common, DataFolder& data, const LineId& line,
                             VersionNumber version) {
  auto remembered = data.remembered_recipe();
  if (!remembered) return propagate(remembered);
  auto recipe = load_recipe(common, *remembered);
  if (!recipe) return propagate(recipe);
  auto start = first_open(*recipe, data.store());
  if (!start) return propagate(start);
  auto engine = make_engine(*recipe, data, *start, {});
  if (!engine) return propagate(engine);
  if (Status restored = (*engine)->loop->restore({}); !restored) return restored;
  for (std::size_t i = 0; i < recipe->symbols.size(); ++i) {
    if (recipe->line_of(recipe->symbols[i]) == line) return (*engine)->loop->refit_kept(i, version);
  }
  return fail(ErrorCode::not_found, "{}: the recipe {} has no such line", line, recipe->name);
}

Status promote(const CommonOptions& common, const PointerOptions& options) {
  auto target = open_line(common, options.line);
  if (!target) return propagate(target);
  auto version = VersionNumber::parse(options.version);
  if (!version) return propagate(version);
  registry::Registry& registry = target->data->registry();
  auto champion = registry.champion(target->line);
  if (!champion) return propagate(champion);
  if (!options.force) {
    auto versions = registry.list(target->line);
    if (!versions) return propagate(versions);
    for (const VersionSummary& one : *versions) {
      // Run 0 made none: an imported version has met no gate here.
      if (one.number == *version && one.state == "kept" && one.run_id != 0) {
        return fail(
            ErrorCode::conflict,
            "{} {} was refused by the gate (see `pawl models show`); promote it past the gate with --force",
            target->line, version->text());
      }
    }
  }
  if (options.force) {
    if (Status given = give_serving_artifact(common, *target->data, target->line, *version); !given)
      return given;
  }
  const TimeMs now = WallClock().now();
  const std::string action = options.force ? "force" : "promote";
  const std::string reason = options.reason.empty() ? "by hand" : options.reason;
  store::Store& store = target->data->store();
  if (Status moved = store.transaction([&]() -> Status {
        if (Status promoted = registry.promote({{.line = target->line,
                                                 .expected = *champion,
                                                 .to = *version,
                                                 .action = action,
                                                 .reason = reason,
                                                 .evidence_hash = {}}},
                                               now, "hand");
            !promoted) {
          return promoted;
        }
        return record_hand_move(store, target->line, action, *champion, *version, reason, now);
      });
      !moved) {
    return moved;
  }
  tell(common, target->line, options.force ? "forced past the gate" : "promoted", *champion, *version);
  if (Status flushed = target->data->store().flush(); !flushed) return flushed;
  return catch_up_files(common, *target->data);
}

Status roll_back(const CommonOptions& common, const PointerOptions& options) {
  auto target = open_line(common, options.line);
  if (!target) return propagate(target);
  registry::Registry& registry = target->data->registry();
  std::optional<VersionNumber> to;
  if (!options.version.empty()) {
    auto version = VersionNumber::parse(options.version);
    if (!version) return propagate(version);
    to = *version;
  }
  const TimeMs now = WallClock().now();
  std::optional<TimeMs> hold_until;
  if (!options.hold_for.empty()) {
    auto duration = parse_duration(options.hold_for);
    if (!duration) return fail(ErrorCode::invalid_argument, "--hold-for: {}", duration.error().message);
    hold_until = now + *duration;
  }
  auto champion = registry.champion(target->line);
  if (!champion) return propagate(champion);
  const std::string reason = options.reason.empty() ? "by hand" : options.reason;
  store::Store& store = target->data->store();
  VersionNumber served_before;
  if (Status moved = store.transaction([&]() -> Status {
        auto restored = registry.roll_back(target->line, to, now, "hand", reason, hold_until);
        if (!restored) return propagate(restored);
        served_before = *restored;
        return record_hand_move(store, target->line, "rollback", *champion, *restored, reason, now);
      });
      !moved) {
    return moved;
  }
  tell(common, target->line, "rolled back", *champion, served_before);
  if (!common.json && !common.quiet) {
    print(hold_until
              ? fmt::format("The line holds until {}: no run moves it before.\n", format_time(*hold_until))
              : fmt::format("The line holds: no run moves it until `pawl release {}`.\n", target->line));
  }
  if (Status flushed = target->data->store().flush(); !flushed) return flushed;
  return catch_up_files(common, *target->data);
}

Status release(const CommonOptions& common, const PointerOptions& options) {
  auto target = open_line(common, options.line);
  if (!target) return propagate(target);
  if (Status released = target->data->registry().release(target->line); !released) return released;
  if (common.json) {
    print(Json{{"line", target->line}, {"action", "released"}}.dump() + "\n");
  } else if (!common.quiet) {
    print(fmt::format("{}: released; runs may move it again\n", target->line));
  }
  if (Status flushed = target->data->store().flush(); !flushed) return flushed;
  return catch_up_files(common, *target->data);
}

}  // namespace

int promote_command(const CommonOptions& common, const PointerOptions& options) {
  const Status done = promote(common, options);
  return done ? 0 : report(done.error(), common);
}
int rollback_command(const CommonOptions& common, const PointerOptions& options) {
  const Status done = roll_back(common, options);
  return done ? 0 : report(done.error(), common);
}
int release_command(const CommonOptions& common, const PointerOptions& options) {
  const Status done = release(common, options);
  return done ? 0 : report(done.error(), common);
}

}  // namespace pawl::app
