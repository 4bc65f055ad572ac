// What whoever runs pawl as a service relies on: doctor, healthcheck, keys on the command line.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <map>
#include <thread>

#include "base/files.h"
#include "e2e/replayed.h"

namespace pawl::test {
namespace {

namespace fs = std::filesystem;

// Answers every connection with these bytes, whatever is asked; with none, it never answers.
class TinyServer {
 public:
  explicit TinyServer(std::string answer)
      : answer_(std::move(answer)), listener_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(listener_, std::bit_cast<const sockaddr*>(&at), sizeof(at)), 0);
    EXPECT_EQ(listen(listener_, 16), 0);
    socklen_t length = sizeof(at);
    EXPECT_EQ(getsockname(listener_, std::bit_cast<sockaddr*>(&at), &length), 0);
    port_ = ntohs(at.sin_port);
    if (!answer_.empty()) thread_ = std::thread([this] { serve(); });
  }
  ~TinyServer() {
    shutdown(listener_, SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
    close(listener_);
  }
  std::string url(const std::string& path = "/readyz") const {
    return fmt::format("http://127.0.0.1:{}{}", port_, path);
  }
  int port() const { return port_; }

 private:
  void serve() {
    for (;;) {
      const int connection = accept(listener_, nullptr, nullptr);
      if (connection < 0) return;
      std::array<char, 4096> request;
      if (recv(connection, request.data(), request.size(), 0) > 0) {
        send(connection, answer_.data(), answer_.size(), MSG_NOSIGNAL);
      }
      close(connection);
    }
  }
  std::string answer_;
  int listener_, port_ = 0;
  std::thread thread_;
};

std::string http_answer(const std::string& status) {
  return "HTTP/1.1 " + status + "\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n";
}

TEST(Healthcheck, IsZeroOnlyWhereTheServerIsReady) {
  const auto check = [](const std::string& url, const std::string& timeout = "5s") {
    return run_pawl({"healthcheck", "--url", url, "--timeout", timeout});
  };
  const TinyServer ready(http_answer("200 OK")), starting(http_answer("503 Service Unavailable")),
      stranger("SSH-2.0-OpenSSH_9.2\r\n"), silent("");
  EXPECT_EQ(check(ready.url()).exit_code, 0);
  EXPECT_EQ(check(ready.url()).stdout_text, "");
  struct Row {
    std::string url, says;
  };
  std::string free_url;
  {
    const TinyServer gone("x");
    free_url = gone.url();
  }
  for (const Row& row :
       {Row{starting.url(), "answers 503"}, Row{stranger.url(), "does not speak HTTP"},
        Row{free_url, "Connection refused"}, Row{"https://127.0.0.1:1/", "no URL of this machine"},
        Row{"http://pawl.example/", "no URL of this machine"},
        Row{"http://127.0.0.1:99999/", "no URL of this machine"}}) {
    const Ran ran = check(row.url);
    EXPECT_EQ(ran.exit_code, 1) << row.url;
    EXPECT_TRUE(has(ran.stderr_text, row.says)) << ran.stderr_text;
    EXPECT_EQ(std::count(ran.stderr_text.begin(), ran.stderr_text.end(), '\n'), 1) << ran.stderr_text;
  }
  const Ran late = check(silent.url(), "200ms");
  EXPECT_EQ(late.exit_code, 1);
  EXPECT_TRUE(has(late.stderr_text, "timed out")) << late.stderr_text;
  // Without a URL: the recipe's port.
  EXPECT_EQ(run_pawl({"healthcheck", "--recipe", recipe_file(), "--set",
                      fmt::format("server.port={}", ready.port()), "--data", "/nowhere"})
                .exit_code,
            0);
}

TEST(KeysCommand, ShowsAKeyOnceAndNeverAgain) {
  const TempFolder folder;
  const std::string data = folder / "data";
  const auto keys = [&](const Words& words) {
    return run_pawl(Words{"keys"} + words + Words{"--data", data});
  };
  const Ran added = keys({"add", "my-bot", "--scope", "predict,read", "--expires", "90d"});
  ASSERT_EQ(added.exit_code, 0) << added.stderr_text;
  const std::string key = added.stdout_text.substr(0, added.stdout_text.size() - 1);
  EXPECT_EQ(key.size(), 48u);
  EXPECT_TRUE(key.starts_with("pawl_"));
  EXPECT_FALSE(has(added.stderr_text, key)) << "logs keep stderr";
  const Json list = json_of(keys({"list", "--json"}).stdout_text)["keys"];
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0]["scopes"], Json({"predict", "read"}));
  EXPECT_EQ(list[0]["expired"], false);
  EXPECT_TRUE(has(keys({"list"}).stdout_text, "my-bot"));
  for (const auto& entry : fs::recursive_directory_iterator(data)) {
    EXPECT_FALSE(has(read_file(entry.path()), key)) << entry.path();
  }
  EXPECT_EQ(keys({"add", "my-bot", "--scope", "read"}).exit_code, 1);
  EXPECT_EQ(keys({"add", "another", "--scope", "everything"}).exit_code, 2);
  EXPECT_EQ(keys({"add", "../x", "--scope", "read"}).exit_code, 2);
  EXPECT_EQ(keys({"add", "another", "--scope", "read", "--expires", "soon"}).exit_code, 2);
  EXPECT_EQ(keys({"add", "another"}).exit_code, 2) << "which scope?";
  EXPECT_EQ(keys({"revoke", "nobody"}).exit_code, 1);
  EXPECT_EQ(keys({"revoke", "my-bot"}).exit_code, 0);
  EXPECT_EQ(json_of(keys({"list", "--json"}).stdout_text)["keys"], Json::array());
  const Json made = json_of(keys({"add", "again", "--scope", "admin", "--json"}).stdout_text);
  EXPECT_TRUE(made["key"].get<std::string>().starts_with("pawl_"));
  write_file(fs::path(data) / "keys.json", "{");
  const Ran damaged = keys({"list"});
  EXPECT_EQ(damaged.exit_code, 65);
  EXPECT_TRUE(has(damaged.stderr_text, "keys.json")) << damaged.stderr_text;
}

class Doctor : public testing::Test {
 protected:
  // By check; of several of one name the worst.
  std::map<std::string, Json> look(const Words& more, int exit_code, const RunOptions& options = {}) {
    const Ran ran = run_pawl(Words{"doctor", "--json", "--data", data} + more, options);
    EXPECT_EQ(ran.exit_code, exit_code) << ran.stdout_text << ran.stderr_text;
    std::map<std::string, Json> checks;
    const std::map<std::string, int> rank = {{"ok", 0}, {"warn", 1}, {"fail", 2}};
    const Json found = json_of(ran.stdout_text);
    for (const Json& check : found["checks"]) {
      const auto name = check["check"].get<std::string>();
      EXPECT_EQ(check["state"] == "ok", check["advice"] == "")
          << check.dump() << ": what is wrong has a way out";
      const auto state = [](const Json& one) { return one["state"].get<std::string>(); };
      if (!checks.contains(name) || rank.at(state(check)) > rank.at(state(checks[name])))
        checks[name] = check;
    }
    return checks;
  }
  Words free_port() const { return {"--set", "server.port=0"}; }

  TempFolder folder;
  const std::string data = folder / "data";
};

TEST_F(Doctor, FindsNothingWrongBeforeTheFirstRun) {
  auto checks = look(Words{"--recipe", recipe_file()} + free_port(), 0);
  EXPECT_EQ(checks["folder"]["state"], "warn");
  for (const char* name : {"recipe", "trainer", "port", "keys"})
    EXPECT_EQ(checks[name]["state"], "ok") << name;
  for (const char* name : {"disk", "memory", "cores", "open_files", "clock"})
    EXPECT_TRUE(checks.contains(name)) << name;
  EXPECT_FALSE(fs::exists(data)) << "it only looks";
  RunOptions options;
  options.working_folder = folder.path();
  EXPECT_EQ(look({}, 0, options)["recipe"]["state"], "warn") << "none is named";
  EXPECT_EQ(look({"--recipe", "nowhere.yaml"}, 1)["recipe"]["state"], "fail");
}

TEST_F(Doctor, LooksIntoADataFolder) {
  replay_quickly(folder.path());
  auto checks = look(free_port(), 0);
  for (const char* name : {"folder", "lock", "store", "models", "bars", "time", "keys"}) {
    EXPECT_EQ(checks[name]["state"], "ok") << checks[name].dump();
  }
  EXPECT_TRUE(has(checks["models"]["text"].get<std::string>(), "1 of 1 champions verify"));
  {
    const auto lock = FolderLock::acquire(fs::path(data) / "lock");
    ASSERT_TRUE(lock);
    EXPECT_TRUE(
        has(look(free_port(), 0)["lock"]["text"].get<std::string>(), fmt::format("process {}", getpid())));
  }
  const Ran text = run_pawl(Words{"doctor", "--data", data} + free_port());
  EXPECT_EQ(text.exit_code, 0);
  EXPECT_TRUE(has(text.stdout_text, "✓ store       whole, schema")) << text.stdout_text;
  EXPECT_FALSE(has(text.stdout_text, "\x1b")) << "no colour into a pipe";

  // A model that was changed on the disk.
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(data) / "versions")) {
    if (entry.path().extension() == ".model") write_file(entry.path(), "changed");
  }
  EXPECT_EQ(look(free_port(), 1)["models"]["state"], "fail");
  // A store that was cut.
  fs::resize_file(fs::path(data) / "pawl.db", 4096 * 5);
  EXPECT_EQ(look(Words{"--recipe", recipe_file()} + free_port(), 1)["store"]["state"], "fail");
}

TEST_F(Doctor, SeesBarsThatNoLongerCome) {
  write_file(folder / "bars.csv", csv_of(simulated_bars(50)));
  ASSERT_EQ(run_pawl({"pull", "--bars", "BTC_USDT:H1=" + (folder / "bars.csv").string(), "--data", data,
                      "--recipe", recipe_file()})
                .exit_code,
            0);
  auto checks = look(free_port(), 0);
  EXPECT_EQ(checks["bars"]["state"], "warn");
  EXPECT_TRUE(has(checks["bars"]["text"].get<std::string>(), "bars ago")) << checks["bars"].dump();
}

TEST_F(Doctor, WantsKeysForAPublicAddress) {
  const Words recipe = Words{"--recipe", recipe_file(), "--set", "server.address=0.0.0.0"} + free_port();
  auto checks = look(recipe, 1);
  EXPECT_EQ(checks["keys"]["state"], "fail");
  EXPECT_TRUE(has(checks["keys"]["advice"].get<std::string>(), "pawl keys add"));
  // One of the environment's, by value and by file.
  const std::string secret(40, 'k');
  RunOptions by_value, by_file, by_both, too_short;
  by_value.env = {{"PAWL_API_KEY", secret}};
  write_file(folder / "secret", secret + "\n");
  by_file.env = {{"PAWL_API_KEY_FILE", (folder / "secret").string()}};
  by_both.env = {by_value.env[0], by_file.env[0]};
  too_short.env = {{"PAWL_API_KEY", "hunter2"}};
  EXPECT_EQ(look(recipe, 0, by_value)["keys"]["state"], "ok");
  EXPECT_EQ(look(recipe, 0, by_file)["keys"]["state"], "ok");
  EXPECT_EQ(look(recipe, 1, by_both)["keys"]["state"], "fail");
  const Json weak = look(recipe, 1, too_short)["keys"];
  EXPECT_EQ(weak["state"], "fail");
  EXPECT_FALSE(has(weak.dump(), "hunter2")) << "no secret in any output";
  // And one of the folder's, in a file that others can read.
  ASSERT_EQ(run_pawl({"keys", "add", "my-bot", "--scope", "read", "--data", data}).exit_code, 0);
  EXPECT_EQ(look(recipe, 0)["keys"]["state"], "ok");
  EXPECT_FALSE(look(recipe, 0).contains("keys_file"));
  fs::permissions(fs::path(data) / "keys.json", fs::perms::others_read, fs::perm_options::add);
  EXPECT_EQ(look(recipe, 0)["keys_file"]["state"], "warn");
  write_file(fs::path(data) / "keys.json", "{}");
  EXPECT_EQ(look(recipe, 1)["keys"]["state"], "fail");
}

TEST_F(Doctor, AsksThePort) {
  const TinyServer ours(http_answer("200 OK")), stranger("hello\n");
  const auto at = [&](const TinyServer& server) {
    return Words{"--recipe", recipe_file(), "--set", fmt::format("server.port={}", server.port())};
  };
  EXPECT_TRUE(has(look(at(ours), 0)["port"]["text"].get<std::string>(), "a server answers"));
  EXPECT_EQ(look(at(stranger), 1)["port"]["state"], "fail");
}

}  // namespace
}  // namespace pawl::test
