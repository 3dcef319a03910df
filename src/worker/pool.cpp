#include "worker/pool.hpp"

#include <atomic>
#include <exception>
#include <thread>

namespace horolog::worker {
namespace {

Outcome call(const JobPtr& job) {
  Task task(*job);
  try {
    return (*job->handler)(task);
  } catch (const std::exception& thrown) {
    return Outcome::failed(thrown.what());
  } catch (...) {
    return Outcome::failed("the handler threw something that is no std::exception");
  }
}

}  // namespace

struct Pool::Member {
  std::thread thread;
  std::shared_ptr<std::atomic<bool>> ended = std::make_shared<std::atomic<bool>>(false);
};

Pool::Pool(std::size_t threads, Board& board, std::shared_ptr<void> kept) : board_(board) {
  for (std::size_t i = 0; i < threads; ++i) {
    Member& member = members_.emplace_back();
    member.thread = std::thread([&board, kept, ended = member.ended] {
      while (const JobPtr job = board.next()) board.finish(job, call(job));
      *ended = true;
    });
  }
}

Pool::~Pool() {
  const bool all_end = board_.running() == 0;
  for (Member& member : members_) {
    if (all_end || *member.ended) {
      member.thread.join();
    } else {
      member.thread.detach();
    }
  }
}

}  // namespace horolog::worker
