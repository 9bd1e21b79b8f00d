/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The handlers of calls, a file each for what they are about; table.c names them. */
#ifndef EXEC_CALLS_H
#define EXEC_CALLS_H

#include "exec/internal.h"
#include "exec/table.h"

/* X(name of the call): handlers are exec_NAME. */
#define CALLS_SOCKET(X)                                                                            \
	X(socket) X(bind) X(listen) X(accept) X(accept4) X(connect) X(getsockname) X(getpeername)  \
	X(sendto) X(sendmsg) X(sendmmsg) X(recvfrom) X(recvmsg) X(shutdown) X(setsockopt)          \
	X(getsockopt)
#define CALLS_FILE(X)                                                                              \
	X(read) X(readv) X(write) X(writev) X(sendfile) X(open) X(openat) X(close) X(close_range)  \
	X(dup) X(dup2) X(dup3) X(fcntl) X(ioctl)
#define CALLS_WAIT(X)                                                                              \
	X(poll) X(ppoll) X(select) X(pselect6) X(epoll_create) X(epoll_create1) X(epoll_ctl)       \
	X(epoll_wait) X(epoll_pwait)
#define CALLS_TIME(X)                                                                              \
	X(clock_gettime) X(gettimeofday) X(time) X(clock_getres) X(nanosleep) X(clock_nanosleep)   \
	X(alarm) X(setitimer) X(getitimer) X(times) X(getrusage) X(sysinfo) X(getrandom)
#define CALLS_PROC(X)                                                                              \
	X(clone) X(clone3) X(fork) X(vfork) X(execve) X(exit) X(exit_group) X(wait4) X(waitid)     \
	X(kill) X(tkill) X(tgkill) X(pause) X(rt_sigsuspend) X(rt_sigtimedwait)                    \
	X(sched_yield) X(sched_getaffinity) X(getcpu) X(set_tid_address) X(prctl) X(futex)
#define CALLS(X) CALLS_SOCKET(X) CALLS_FILE(X) CALLS_WAIT(X) CALLS_TIME(X) CALLS_PROC(X)

#define X(name) int64_t exec_##name(struct thread *t, const uint64_t *arg);
CALLS(X)
#undef X

/* A time of the program's, >= 0: 0, -EFAULT or -EINVAL. */
int read_timespec(const struct thread *t, uint64_t addr, sim_time *time);
/* Time until a date of one of its clocks (0: it is over); the same errors. */
int read_date(const struct thread *t, uint64_t addr, int clock, sim_time *left);

/* An interrupted call that Linux begins anew if the signal's action says so. */
static inline int64_t restartable(int64_t ret) { return ret == -EINTR ? RESTART : ret; }

#endif
