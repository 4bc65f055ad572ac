// The pointer moved by a person while the loop runs: registry, event stream and what serves, together.
#include "loop/loop.h"

namespace pawl::loop {

namespace {

Json move_payload(std::string_view action, std::string_view actor, std::optional<VersionNumber> from,
                  VersionNumber to, std::string_view reason) {
  return {{"action", action},
          {"actor", actor},
          {"from", from ? Json(from->text()) : Json()},
          {"to", to.text()},
          {"reason", reason}};
}

// A version that the gate refused may only be forced; an imported one has met no gate here.
Status expect_allowed(registry::Registry& registry, const LineId& line, VersionNumber version) {
  auto versions = registry.list(line);
  if (!versions) return propagate(versions);
  for (const VersionSummary& one : *versions) {
    if (one.number == version && one.state == "kept" && one.run_id != 0) {
      return fail(
          ErrorCode::conflict,
          "{} {} was refused by the gate; say force to let it serve all the same, which the promotion "
          "log will tell",
          line, version.text());
    }
  }
  return {};
}

}  // namespace

Status Loop::move_by_hand(Line& line, std::string_view action, VersionNumber to, std::string_view reason,
                          std::string_view actor, TimeMs now,
                          const std::function<Result<VersionNumber>()>& move) {
  const std::optional<VersionNumber> from = line.live()->bundle.number;
  rooms_.clock.advance_to(now);
  Result<std::shared_ptr<const registry::LoadedVersion>> loaded = fail(ErrorCode::internal, "not loaded");
  const Status moved = rooms_.store.transaction([&]() -> Status {
    const auto reached = move();
    if (!reached) return propagate(reached);
    to = *reached;
    // A pointer at a version that cannot be read would be one that nothing can start with.
    loaded = rooms_.registry.load(line.id(), to);
    if (!loaded) return propagate(loaded);
    if (Status ended = end_shadow(line, line.probation, "a person moved the pointer", this->now()); !ended)
      return ended;
    return journal_.event("swap", line.id(), this->now(), move_payload(action, actor, from, to, reason));
  });
  if (!moved) return moved;
  journal_.decisions().swap(line.id(), *from, to, this->now());
  // What was watched is no longer what serves; what a person promotes is watched like any other.
  line.former.end();
  if (Status served = line.serve(std::move(*loaded)); !served) return served;
  const bool watched = action != "rollback" && &line != trade_line_ && recipe_.watches_shadows() &&
                       recipe_.shadow.rollback_e_value > 0;
  return watched ? begin_shadow(line, line.former, *from, this->now()) : Status();
}

Status Loop::promote_by_hand(std::size_t index, VersionNumber to, bool force, std::string_view reason,
                             std::string_view actor, TimeMs now) {
  Line& line = *lines_[index];
  if (!force) {
    if (Status allowed = expect_allowed(rooms_.registry, line.id(), to); !allowed) return allowed;
  } else if (Status fitted = refit_kept(index, to); !fitted) {
    return fitted;
  }
  const std::string action = force ? "force" : "promote";
  const VersionNumber from = line.live()->bundle.number;
  return move_by_hand(line, action, to, reason, actor, now, [&]() -> Result<VersionNumber> {
    const Status promoted = rooms_.registry.promote({{.line = line.id(),
                                                      .expected = from,
                                                      .to = to,
                                                      .action = action,
                                                      .reason = std::string(reason),
                                                      .evidence_hash = {}}},
                                                    now, actor);
    if (!promoted) return propagate(promoted);
    return to;
  });
}

Result<VersionNumber> Loop::roll_back_by_hand(std::size_t index, std::optional<VersionNumber> to,
                                              std::optional<TimeMs> hold_until, std::string_view reason,
                                              std::string_view actor, TimeMs now) {
  Line& line = *lines_[index];
  const Status moved = move_by_hand(line, "rollback", {}, reason, actor, now, [&]() -> Result<VersionNumber> {
    return rooms_.registry.roll_back(line.id(), to, now, actor, reason, hold_until);
  });
  if (!moved) return propagate(moved);
  return line.live()->bundle.number;
}

Status Loop::release_by_hand(std::size_t index, std::string_view actor, TimeMs now) {
  Line& line = *lines_[index];
  rooms_.clock.advance_to(now);
  return rooms_.store.transaction([&]() -> Status {
    if (Status released = rooms_.registry.release(line.id()); !released) return released;
    return journal_.event("release", line.id(), this->now(), {{"actor", actor}});
  });
}

}  // namespace pawl::loop
