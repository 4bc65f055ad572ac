#include "http/event_loop.h"

#include <malloc.h>

#include "base/clock.h"
#include "http/connection.h"
#include "http/response_text.h"

namespace pawl::http {
namespace {

constexpr std::chrono::milliseconds kSweepEvery{250}, kSweepEveryWhileStopping{20};
constexpr double kStopSeconds = 1;
constexpr std::size_t kScratchBytes = 64 << 10;
constexpr std::size_t kSpareRequests = 8, kSpareBodyBytes = 256 << 10;
constexpr std::size_t kCrowd = 256;

}  // namespace

void Mailbox::post(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  if (io_ != nullptr) boost::asio::post(*io_, std::move(work));
}

void Mailbox::close() {
  const std::lock_guard lock(mutex_);
  io_ = nullptr;
}

EventLoop::EventLoop(Shared& shared, std::uint64_t seed)
    : shared_(shared),
      random_(seed),
      scratch_(kScratchBytes, '\0'),
      mailbox_(std::make_shared<Mailbox>(io_)),
      sweep_timer_(io_.get_executor()) {
  read_clock();
  date_ = http_date(WallClock().now());
  schedule_sweep();
}

EventLoop::~EventLoop() {
  mailbox_->close();
}

void EventLoop::run() {
  while (true) {
    try {
      io_.run();
      return;
    } catch (const std::exception& error) {
      shared_.options.log.error(
          fmt::format("http: what was posted to a server thread failed: {}", error.what()));
    }
  }
}

void EventLoop::wake_streams() {
  if (wake_posted_.exchange(true)) return;
  post([this] {
    wake_posted_ = false;
    read_clock();
    for (Connection* stream : streams_) stream->wake();
  });
}

void EventLoop::begin_stop() {
  post([this] {
    stopping_ = true;
    stop_deadline_ = read_clock() + kStopSeconds;
    for (Connection* connection : connections_) connection->begin_stop();
    sweep_timer_.cancel();
  });
}

void EventLoop::adopt(Socket socket, std::string peer) {
  read_clock();
  const auto connection = std::make_shared<Connection>(*this, std::move(socket), std::move(peer));
  if (!stopping_) connection->start();
}

void EventLoop::add(Connection& connection) {
  connection.place = connections_.size();
  connections_.push_back(&connection);
  connections_high_ = std::max(connections_high_, connections_.size());
}

void EventLoop::remove(Connection& connection) {
  connections_[connection.place] = connections_.back();
  connections_[connection.place]->place = connection.place;
  connections_.pop_back();
}

double EventLoop::read_clock() {
  now_ = monotonic_seconds();
  return now_;
}

std::string EventLoop::make_request_id() {
  // 15 digits fit a string without an allocation.
  return fmt::format("{:015x}", random_.next() >> 4);
}

std::shared_ptr<Request> EventLoop::take_request() {
  if (spare_requests_.empty()) return std::make_shared<Request>();
  std::shared_ptr<Request> request = std::move(spare_requests_.back());
  spare_requests_.pop_back();
  return request;
}

void EventLoop::give_back(std::shared_ptr<Request> request) {
  if (spare_requests_.size() >= kSpareRequests || request->body.capacity() > kSpareBodyBytes) return;
  request->clear();
  spare_requests_.push_back(std::move(request));
}

void EventLoop::schedule_sweep() {
  sweep_timer_.expires_after(stopping_ ? kSweepEveryWhileStopping : kSweepEvery);
  sweep_timer_.async_wait([this](IoError) { sweep(); });
}

void EventLoop::sweep() {
  const double now = read_clock();
  const TimeMs wall = WallClock().now();
  if (wall / kSecondMs != date_second_) {
    date_second_ = wall / kSecondMs;
    date_ = http_date(wall);
  }
  for (Connection* connection : connections_) {
    if (stopping_ && now >= stop_deadline_) {
      connection->abort();
    } else {
      connection->check_deadline(now);
    }
  }
  for (Connection* stream : streams_) stream->wake();
  give_memory_back();
  // Without the timer, a loop that is to stop runs out of work when its last connection has ended.
  if (!stopping_ || !connections_.empty()) schedule_sweep();
}

// What a crowd left behind: freed, but still with the process.
void EventLoop::give_memory_back() {
  if (connections_high_ < connections_.size() + kCrowd || connections_high_ / 2 < connections_.size()) return;
  connections_high_ = connections_.size();
  connections_.shrink_to_fit();
  malloc_trim(0);
}

}  // namespace pawl::http
