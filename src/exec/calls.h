/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The handlers of calls, a file each for what they are about; table.c names them. */
#ifndef EXEC_CALLS_H
#define EXEC_CALLS_H

#include "exec/internal.h"
#include "exec/memory.h"
#include "exec/table.h"

/* X(name of the call): handlers are exec_NAME. */
#define CALLS_SOCKET(X)                                                                            \
	X(socket) X(bind) X(listen) X(accept) X(accept4) X(connect) X(getsockname) X(getpeername)  \
	X(sendto) X(sendmsg) X(sendmmsg) X(recvfrom) X(recvmsg) X(recvmmsg) X(shutdown) X(setsockopt)          \
	X(getsockopt)
#define CALLS_FILE(X)                                                                              \
	X(read) X(readv) X(write) X(writev) X(sendfile) X(open) X(openat) X(close) X(close_range)  \
	X(dup) X(dup2) X(dup3) X(fcntl) X(ioctl) X(flock)
#define CALLS_WAIT(X)                                                                              \
	X(poll) X(ppoll) X(select) X(pselect6) X(epoll_create) X(epoll_create1) X(epoll_ctl)       \
	X(epoll_wait) X(epoll_pwait) X(epoll_pwait2)
#define CALLS_TIME(X)                                                                              \
	X(clock_gettime) X(gettimeofday) X(time) X(clock_getres) X(nanosleep) X(clock_nanosleep)   \
	X(alarm) X(setitimer) X(getitimer) X(times) X(getrusage) X(sysinfo) X(getrandom)
#define CALLS_TIMER(X)                                                                             \
	X(timerfd_create) X(timerfd_settime) X(timerfd_gettime) X(timer_create) X(timer_settime)   \
	X(timer_gettime) X(timer_getoverrun) X(timer_delete)
#define CALLS_PROC(X)                                                                              \
	X(clone) X(clone3) X(fork) X(vfork) X(execve) X(exit) X(exit_group) X(wait4) X(waitid)     \
	X(kill) X(tkill) X(tgkill) X(pidfd_send_signal) X(rt_sigqueueinfo) X(rt_tgsigqueueinfo) X(pause) X(rt_sigsuspend) X(rt_sigtimedwait)                    \
	X(sched_yield) X(getcpu) X(set_tid_address) X(rseq) X(prctl) X(futex)
#define CALLS_IDS(X)                                                                               \
	X(setuid) X(setgid) X(setreuid) X(setregid) X(setresuid) X(setresgid) X(setfsuid)          \
	X(setfsgid) X(setgroups) X(getuid) X(getgid) X(geteuid) X(getegid) X(getresuid)            \
	X(getresgid) X(getgroups) X(capget) X(capset)
#define CALLS_ROOT(X)                                                                              \
	X(sched_getaffinity) X(sched_setaffinity) X(sched_setscheduler) X(sched_setparam)
#define CALLS_STAT(X)                                                                              \
	X(stat) X(lstat) X(fstat) X(newfstatat) X(statx) X(access) X(faccessat) X(faccessat2)
#define CALLS_OWNER(X)                                                                             \
	X(chown) X(lchown) X(fchownat) X(fchown) X(chmod) X(fchmod) X(fchmodat) X(utimensat)       \
	X(utime) X(utimes) X(futimesat)
#define CALLS_NAME(X)                                                                              \
	X(creat) X(mkdir) X(mkdirat) X(mknod) X(mknodat) X(symlink) X(symlinkat) X(unlink)         \
	X(unlinkat) X(rmdir) X(rename) X(renameat) X(renameat2) X(link) X(linkat) X(truncate)      \
	X(pwrite64) X(pwritev) X(pwritev2) X(ftruncate) X(fallocate) X(copy_file_range) X(chdir)   \
	X(fchdir) X(chroot)
/* All that may take rights from pages. */
#define CALLS_MEMORY(X) X(memory)
#define CALLS(X) CALLS_MEMORY(X) CALLS_STAT(X) CALLS_OWNER(X) CALLS_NAME(X) CALLS_IDS(X) CALLS_ROOT(X) CALLS_SOCKET(X) CALLS_FILE(X) CALLS_WAIT(X) CALLS_TIME(X) CALLS_TIMER(X) CALLS_PROC(X)

#define X(name) int64_t exec_##name(struct thread *t, const uint64_t *arg);
CALLS(X)
#undef X

/* PR_SET_KEEPCAPS: 0 or -EINVAL. */
int64_t keep_rights(struct thread *t, uint64_t keep);
/* A new image has root's rights if it is root's, else none. */
void rights_of_image(struct thread *t);
/* A path of the program's as the simulator finds it, to be freed. */
char *path_from_here(const struct thread *t, int dir, const char *path);
/* An open() of a path, by name_opened() a file that it may make, or by name_bound() that of a socket: PASS or -EACCES. */
int64_t name_opened(struct thread *t, int dir, const char *path, int flags);
int64_t name_bound(struct thread *t, uint64_t addr, uint64_t len);
/* A call that writes is to be passed: PASS. */
int64_t name_written(struct thread *t, int fd);
/* What the last call was to make, if it has, is the thread's. */
void name_made(struct thread *t);
/* fcntl() that waits for a lock of a real file. */
int64_t lock_wait(struct thread *t, const uint64_t *arg);
/* An open() that may be one of a FIFO. */
int64_t fifo_open(struct thread *t, int dir, const char *path, int flags);
/* A time of the program's, >= 0: 0, -EFAULT or -EINVAL. */
int read_timespec(const struct thread *t, uint64_t addr, sim_time *time);
/* Time until a date of one of its clocks (0: it is over); the same errors. */
int read_date(const struct thread *t, uint64_t addr, int clock, sim_time *left);

/* Whether a clock runs; those that count processor time stand still. */
bool clock_runs(int clock);
/* Puts a new simulated file, whose reference it takes, into the thread's table: its number, -EMFILE. */
int install_new(struct thread *t, struct file *file, bool cloexec);

/* The simulated socket's file at a descriptor; else NULL, and in *ret how to answer. */
struct file *socket_at(struct thread *t, uint64_t fd, int64_t *ret);

/* An address of the program's. */
#define ADDR_MOST 128U
struct addr {
	struct sockaddr_storage bytes;
	int len;
};
#define NAME(a) ((struct sockaddr *)&(a).bytes)
static inline struct addr addr_room(void) { return (struct addr){.len = (int)ADDR_MOST}; }
/* Reads one of `len` bytes: 0, -EINVAL or -EFAULT. */
int addr_in(const struct thread *t, uint64_t addr, uint64_t len, struct addr *a);
/* What is to be written of one, if `addr` is not 0: what fits, and the real length.  0, -EINVAL or -EFAULT. */
int addr_pieces(const struct thread *t, const struct addr *a, uint64_t addr, uint64_t len_at,
                struct mem_piece pieces[2]);

/* An interrupted call that Linux begins anew if the signal's action says so. */
static inline int64_t restartable(int64_t ret) { return ret == -EINTR ? RESTART : ret; }

#endif
