/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Calls on descriptors of any kind.  All that change the table of descriptors are here: the simulated
 * table must stay in step with the real one, in which placeholders stand for simulated files.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "exec/calls.h"
#include "exec/memory.h"
#include "exec/notify.h"
#include "exec/realfd.h"
#include "exec/terminal.h"

#define PATH_MOST 4096U
#define PAGE_BYTES 4096U
#define SENDFILE_PIECE 65536U

/* --- reading and writing ------------------------------------------------------------------------ */

/* What the simulator has taken in of a terminal it hands over itself. */
static int64_t read_taken(struct thread *t, struct terminal *terminal, const struct iovec *iov,
                          uint64_t n, size_t len) {
	size_t most = MIN(len, terminal_has(terminal));

	len = terminal_take(terminal, mem_buffer(t, most), most);
	return mem_scatter(t, iov, n, t->buffer, len) ? -EFAULT : (int64_t)len;
}

static int64_t read_real(struct thread *t, struct file *file, const struct iovec *iov, uint64_t n,
                         size_t len) {
	struct terminal *terminal = real_terminal(file);

	if (!real_never_blocks(file, O_RDONLY) && real_wait(t, file, POLLIN))
		return RESTART;
	real_used(file);
	if (terminal && len && terminal_has(terminal))
		return read_taken(t, terminal, iov, n, len);
	return PASS;
}

static int64_t read_into(struct thread *t, int fd, const struct iovec *iov, uint64_t n,
                         size_t len) {
	struct file *file = file_at(t, fd);
	int64_t ret;

	if (!file || file_is_real(file))
		return file ? read_real(t, file, iov, n, len) : -EBADF;
	ret = sys_read(t->task, fd, mem_buffer(t, len), len);
	if (ret < 0)
		return restartable(ret);
	return mem_scatter(t, iov, n, t->buffer, (size_t)ret) ? -EFAULT : ret;
}

int64_t exec_read(struct thread *t, const uint64_t *arg) {
	struct iovec iov = {(void *)arg[1], MIN((size_t)arg[2], 64UL << 20)};

	return read_into(t, (int)arg[0], &iov, 1, iov.iov_len);
}

int64_t exec_readv(struct thread *t, const uint64_t *arg) {
	g_autofree struct iovec *iov = NULL;
	ssize_t len = mem_vector(t, arg[1], arg[2], &iov);

	return len < 0 ? len : read_into(t, (int)arg[0], iov, arg[2], (size_t)len);
}

static int64_t write_from(struct thread *t, int fd, const struct iovec *iov, uint64_t n,
                          size_t len) {
	struct file *file = file_at(t, fd);
	void *bytes;

	if (!file)
		return -EBADF;
	if (file_is_real(file)) {
		if (!real_never_blocks(file, O_WRONLY))
			return real_write(t, file, iov, n, len);
		real_used(file);
		t->process->program->wrote = true;
		return name_written(t, fd);
	}
	bytes = mem_buffer(t, len);
	if (mem_gather(t, iov, n, bytes, len))
		return -EFAULT;
	return restartable(sys_write(t->task, fd, bytes, len));
}

int64_t exec_write(struct thread *t, const uint64_t *arg) {
	struct iovec iov = {(void *)arg[1], MIN((size_t)arg[2], 64UL << 20)};

	return write_from(t, (int)arg[0], &iov, 1, iov.iov_len);
}

int64_t exec_writev(struct thread *t, const uint64_t *arg) {
	g_autofree struct iovec *iov = NULL;
	ssize_t len = mem_vector(t, arg[1], arg[2], &iov);

	return len < 0 ? len : write_from(t, (int)arg[0], iov, arg[2], (size_t)len);
}

/* --- sendfile ------------------------------------------------------------------------------------- */

/* A piece of a real file, page by page as sys_sendfile() does it: what went, or a negative errno. */
static ssize_t send_piece(struct file *out, const char *bytes, size_t len, bool more) {
	size_t sent = 0;

	while (sent < len) {
		size_t want = MIN(len - sent, PAGE_BYTES);
		ssize_t put =
			out->ops->sendpage(out, bytes + sent, want, more || sent + want < len);
		if (put < 0)
			return sent ? (ssize_t)sent : put;
		sent += (size_t)put;
		if ((size_t)put < want)
			break;
	}
	return (ssize_t)sent;
}

static int64_t send_file(struct thread *t, struct file *out, int in, off_t *pos, size_t count) {
	char *bytes = mem_buffer(t, SENDFILE_PIECE);
	size_t sent = 0;

	charge(kernel_of(t), COST_FILE_READ, 0);
	charge(kernel_of(t), COST_DISPATCH, 0);
	while (sent < count) {
		ssize_t have = pread(in, bytes, MIN(SENDFILE_PIECE, count - sent), *pos), put;

		if (have <= 0)
			return sent || !have ? (int64_t)sent : -errno;
		put = send_piece(out, bytes, (size_t)have, (size_t)have < count - sent);
		if (put < 0)
			return sent ? (int64_t)sent : restartable(put);
		sent += (size_t)put;
		*pos += put;
		if (put < have)
			break;
	}
	return (int64_t)sent;
}

/* To a pipe or a socket of the real machine's, which waits in simulated time. */
static int64_t send_to_real(struct thread *t, struct file *out, int in, off_t *pos, size_t count) {
	char *bytes = mem_buffer(t, SENDFILE_PIECE);
	size_t sent = 0;

	while (sent < count) {
		ssize_t have = pread(in, bytes, MIN(SENDFILE_PIECE, count - sent), *pos);
		int64_t put = have > 0 ? real_write_bytes(t, out, bytes, (size_t)have) : have;

		if (put <= 0)
			return sent || !put ? (int64_t)sent : have < 0 ? -errno : put;
		sent += (size_t)put;
		*pos += put;
		if (put < have)
			break;
	}
	return (int64_t)sent;
}

/* From `in`, a duplicate of what `arg` says, to a file of either kind. */
static int64_t send_between(struct thread *t, struct file *out, int in, const uint64_t *arg) {
	off_t pos = 0;
	int64_t ret;

	if (arg[2] && mem_read(t, arg[2], &pos, sizeof pos))
		return -EFAULT;
	if (!arg[2])
		pos = lseek(in, 0, SEEK_CUR);
	if (pos < 0)
		return -EINVAL;
	file_get(out);
	ret = (file_is_real(out) ? send_to_real : send_file)(t, out, in, &pos, (size_t)arg[3]);
	file_put(out);
	if (arg[2])
		mem_write(t, arg[2], &pos, sizeof pos);
	else if (ret > 0)
		lseek(in, pos, SEEK_SET);
	return ret;
}

int64_t exec_sendfile(struct thread *t, const uint64_t *arg) {
	struct file *out = file_at(t, (int)arg[0]), *from = fd_file(t->task, (int)arg[1]);
	int64_t ret;
	int in;

	if (!out)
		return -EBADF;
	if (from && !file_is_real(from))
		return -EINVAL; /* a socket is no file that has pages */
	if (file_is_real(out) && real_never_blocks(out, O_WRONLY)) {
		real_used(out);
		t->process->program->wrote = true;
		return name_written(t, (int)arg[0]);
	}
	if (!file_is_real(out) && !out->ops->sendpage)
		return -EINVAL;
	in = real_dup(t, (int)arg[1]);
	if (in < 0)
		return -EBADF;
	ret = send_between(t, out, in, arg);
	close(in);
	return ret;
}

/* --- opening and closing -------------------------------------------------------------------------- */

/* What stands at a path that is simulated; NULL: *ret is the answer. */
static struct file *simulated_file(struct thread *t, const char *path, int64_t *ret) {
	static const char net[] = "/proc/net/";
	char *text;

	*ret = PASS;
	if (g_str_equal(path, "/dev/urandom") || g_str_equal(path, "/dev/random"))
		return random_file(t);
	if (!g_str_has_prefix(path, net) || !exec_of(t)->proc_net)
		return NULL;
	text = exec_of(t)->proc_net(kernel_of(t), path + strlen(net));
	*ret = -ENOENT;
	return text ? text_file(t, text) : NULL;
}

int install_new(struct thread *t, struct file *file, bool cloexec) {
	int fd;

	t->cloexec = cloexec;
	fd = fd_install(t->task, file);
	if (fd < 0)
		file_put(file);
	else
		fd_set_cloexec(t->task, fd, cloexec);
	return fd;
}

static int64_t open_path(struct thread *t, int dir, uint64_t addr, int flags) {
	char path[PATH_MOST];
	struct file *file;
	int64_t ret;

	charge(kernel_of(t), COST_FILE_OPEN, 0);
	if (mem_string(t, addr, path, sizeof path) < 0)
		return PASS; /* the real kernel says what is wrong with it */
	file = simulated_file(t, path, &ret);
	if (!file && ret == PASS)
		ret = name_opened(t, dir, path, flags);
	if (!file && ret == PASS)
		return fifo_open(t, dir, path, flags);
	return file ? install_new(t, file, flags & O_CLOEXEC) : ret;
}

int64_t exec_open(struct thread *t, const uint64_t *arg) {
	return open_path(t, AT_FDCWD, arg[0], (int)arg[1]);
}

int64_t exec_openat(struct thread *t, const uint64_t *arg) {
	return open_path(t, (int)arg[0], arg[1], (int)arg[2]);
}

/* Out of the simulated table; the real one's entry is the real kernel's affair. */
static void drop(struct thread *t, int fd) {
	if (fd_file(t->task, fd))
		sys_close(t->task, fd);
}

int64_t exec_close(struct thread *t, const uint64_t *arg) {
	const struct file *file = fd_file(t->task, (int)arg[0]);

	t->aside = file && !file_is_real(file);
	drop(t, (int)arg[0]);
	return PASS;
}

int64_t exec_close_range(struct thread *t, const uint64_t *arg) {
	unsigned last = MIN((unsigned)arg[1], fd_capacity(t->task) - 1);

	for (unsigned fd = (unsigned)arg[0]; fd <= last; fd++) {
		if (arg[2] & CLOSE_RANGE_CLOEXEC)
			fd_set_cloexec(t->task, (int)fd, true);
		else
			drop(t, (int)fd);
	}
	return PASS;
}

/* --- duplicates ------------------------------------------------------------------------------------ */

static int64_t dup_to(struct thread *t, int fd, int to, bool cloexec) {
	struct file *file = fd_file(t->task, fd);
	int ret;

	if (!file || file_is_real(file)) {
		drop(t, to);
		return PASS;
	}
	ret = place(t, to, cloexec);
	if (ret < 0)
		return ret;
	ret = sys_dup2(t->task, fd, to);
	fd_set_cloexec(t->task, to, cloexec);
	return ret;
}

int64_t exec_dup(struct thread *t, const uint64_t *arg) {
	const struct file *file = fd_file(t->task, (int)arg[0]);

	return !file || file_is_real(file) ? PASS : sys_dup(t->task, (int)arg[0]);
}

int64_t exec_dup2(struct thread *t, const uint64_t *arg) {
	int fd = (int)arg[0], to = (int)arg[1];

	if (fd == to)
		return PASS;
	/* Of a descriptor that is not open nothing is closed. */
	return file_at(t, fd) ? dup_to(t, fd, to, false) : -EBADF;
}

int64_t exec_dup3(struct thread *t, const uint64_t *arg) {
	int fd = (int)arg[0], to = (int)arg[1];

	if (fd == to || arg[2] & ~(uint64_t)O_CLOEXEC)
		return -EINVAL;
	return file_at(t, fd) ? dup_to(t, fd, to, arg[2] & O_CLOEXEC) : -EBADF;
}

/* --- fcntl ------------------------------------------------------------------------------------------- */

static int64_t fcntl_dup(struct thread *t, int fd, uint64_t from, bool cloexec) {
	int ret;

	t->cloexec = cloexec;
	ret = sys_fcntl(t->task, fd, F_DUPFD, (long)from);
	if (ret >= 0)
		fd_set_cloexec(t->task, ret, cloexec);
	return ret;
}

int64_t exec_fcntl(struct thread *t, const uint64_t *arg) {
	const struct file *file = fd_file(t->task, (int)arg[0]);
	int cmd = (int)arg[1];

	if (cmd == F_SETLKW || cmd == F_OFD_SETLKW)
		return lock_wait(t, arg);
	if (cmd == F_SETFD)
		fd_set_cloexec(t->task, (int)arg[0], arg[2] & FD_CLOEXEC);
	if (!file || file_is_real(file) || cmd == F_SETFD || cmd == F_GETFD)
		return PASS;
	if (cmd == F_DUPFD || cmd == F_DUPFD_CLOEXEC)
		return fcntl_dup(t, (int)arg[0], arg[2], cmd == F_DUPFD_CLOEXEC);
	return sys_fcntl(t->task, (int)arg[0], cmd, (long)arg[2]);
}

/* --- ioctl ------------------------------------------------------------------------------------------- */

/* Bytes that its argument points to; 0: none that is known. */
static size_t ioctl_size(unsigned long cmd) {
	switch (cmd) {
	case FIONBIO:
	case FIOASYNC:
	case FIONREAD:
	case SIOCATMARK:
	case SIOCOUTQ:
	case FIOSETOWN:
	case FIOGETOWN:
	case SIOCSPGRP:
	case SIOCGPGRP:
		return sizeof(int);
	case SIOCGSTAMP_OLD:
		return sizeof(struct timeval);
	case SIOCSARP:
	case SIOCGARP:
	case SIOCDARP:
		return sizeof(struct arpreq);
	default:
		return cmd >= SIOCGIFNAME && cmd <= SIOCGIFTXQLEN && cmd != SIOCGIFCONF
		               ? sizeof(struct ifreq)
		               : 0;
	}
}

/* Whether what the argument points to is only written; of others it is read too. */
static bool ioctl_only_tells(unsigned long cmd) {
	switch (cmd) {
	case FIONREAD:
	case SIOCATMARK:
	case SIOCOUTQ:
	case FIOGETOWN:
	case SIOCGPGRP:
	case SIOCGSTAMP_OLD:
		return true;
	default:
		return false;
	}
}

/* A route may name its device, in memory of the program's. */
static int64_t ioctl_route(struct thread *t, int fd, unsigned long cmd, uint64_t addr) {
	struct rtentry route;
	char device[IFNAMSIZ];

	if (mem_read(t, addr, &route, sizeof route))
		return -EFAULT;
	if (route.rt_dev) {
		if (mem_string(t, (uint64_t)route.rt_dev, device, sizeof device) < 0)
			return -EFAULT;
		route.rt_dev = device;
	}
	return sys_ioctl(t->task, fd, cmd, &route);
}

/* The list of interfaces goes where the argument says. */
static int64_t ioctl_ifconf(struct thread *t, int fd, uint64_t addr) {
	struct ifconf conf;
	uint64_t to;
	int64_t ret;

	if (mem_read(t, addr, &conf, sizeof conf) || conf.ifc_len < 0)
		return -EFAULT;
	to = (uint64_t)conf.ifc_buf;
	conf.ifc_buf = to ? mem_buffer(t, (size_t)conf.ifc_len) : NULL;
	ret = sys_ioctl(t->task, fd, SIOCGIFCONF, &conf);
	if (ret < 0)
		return ret;
	if (to && mem_write(t, to, conf.ifc_buf, (size_t)conf.ifc_len))
		return -EFAULT;
	conf.ifc_buf = (char *)to;
	return mem_write(t, addr, &conf, sizeof conf);
}

static bool asks_of_interface(unsigned long cmd) { return ioctl_size(cmd) == sizeof(struct ifreq); }

/* On a real socket, where the C library asks for names: 2.4's unix_ioctl() hands it on to dev_ioctl(). */
static int64_t ioctl_interface(struct thread *t, unsigned long cmd, uint64_t addr) {
	struct socket *sock;
	struct ifreq ifr;
	int err;

	if (mem_read(t, addr, &ifr, sizeof ifr))
		return -EFAULT;
	err = sock_create(kernel_of(t), AF_INET, SOCK_DGRAM, 0, &sock);
	if (err)
		return err;
	err = sock->ops->ioctl(sock, cmd, &ifr);
	sock_release(sock);
	return err < 0 ? err : mem_write(t, addr, &ifr, sizeof ifr);
}

/* How much may be read of a terminal's master. */
static int64_t ioctl_waiting(struct thread *t, struct terminal *terminal, uint64_t addr) {
	int waiting;

	terminals_settle(exec_of(t));
	waiting = (int)terminal_has(terminal);
	return mem_write(t, addr, &waiting, sizeof waiting);
}

int64_t exec_ioctl(struct thread *t, const uint64_t *arg) {
	struct file *file = fd_file(t->task, (int)arg[0]);
	unsigned long cmd = arg[1];
	char space[256] __attribute__((aligned(8)));
	size_t size = ioctl_size(cmd);
	int64_t ret;

	if (cmd == FIOCLEX || cmd == FIONCLEX)
		fd_set_cloexec(t->task, (int)arg[0], cmd == FIOCLEX);
	if (!file && asks_of_interface(cmd))
		file = file_at(t, (int)arg[0]);
	if (file && file_is_real(file))
		real_used(file);
	if (file && asks_of_interface(cmd) && real_is_socket(file))
		return ioctl_interface(t, cmd, arg[2]);
	if (file && cmd == FIONREAD && file_is_real(file) && real_terminal(file))
		return ioctl_waiting(t, real_terminal(file), arg[2]);
	if (!file || file_is_real(file) || cmd == FIOCLEX || cmd == FIONCLEX)
		return PASS;
	if (cmd == SIOCADDRT || cmd == SIOCDELRT)
		return ioctl_route(t, (int)arg[0], cmd, arg[2]);
	if (cmd == SIOCGIFCONF)
		return ioctl_ifconf(t, (int)arg[0], arg[2]);
	if (!size)
		return -ENOTTY;
	memset(space, 0, size);
	if (!ioctl_only_tells(cmd) && mem_read(t, arg[2], space, size))
		return -EFAULT;
	ret = sys_ioctl(t->task, (int)arg[0], cmd, space);
	if (cmd == SIOCGSTAMP_OLD)
		((struct timeval *)space)->tv_sec += exec_of(t)->epoch;
	return ret >= 0 && mem_write(t, arg[2], space, size) ? -EFAULT : ret;
}
