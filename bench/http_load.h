// A client of one thread that keeps an HTTP server busy, in turn or at a given rate.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace pawl::bench {

class HttpLoad {
 public:
  // Loopback; `request` is the whole of what is sent each time.
  HttpLoad(std::uint16_t port, std::string request);
  ~HttpLoad();
  HttpLoad(const HttpLoad&) = delete;
  HttpLoad& operator=(const HttpLoad&) = delete;

  // So many requests on one connection, each after the answer to the one before. An answer that is not 200
  // ends it (internal), with the answer in the message.
  Status in_turn(int requests);
  // Open loop: requests are due at even distances whatever the server does, and go out on any connection
  // that is free. Gives the seconds from the instant at which each was due to its answer, sorted.
  Result<std::vector<double>> at_rate(double requests_per_s, int requests);

 private:
  struct Connection {
    int socket = -1;
    std::string answer;
    double due_s = 0;
    bool busy = false;
  };
  Status connect(Connection& connection) const;
  Status send(Connection& connection) const;
  // True once the whole answer is there.
  Result<bool> receive(Connection& connection) const;

  const std::uint16_t port_;
  const std::string request_;
  std::vector<Connection> connections_;
};

// "POST path" with the body, and what a client must send with it.
std::string post_request(const std::string& path, const std::string& body);

// The calling process stays on one core from now on; false where that cannot be.
bool pin_to(int core);
// CPU seconds of another process so far.
Result<double> cpu_seconds_of_process(int pid);

}  // namespace pawl::bench
