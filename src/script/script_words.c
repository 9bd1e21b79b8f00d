/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which number has this name, and which name this number? */
#include "script/script_words.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <string.h>

#include "script/script_tree.h"

#define W(name) {#name, name}

/* clang-format off */
static const struct word errors[] = {
	W(EPERM), W(ENOENT), W(ESRCH), W(EINTR), W(EIO), W(ENXIO), W(EBADF), W(ECHILD), W(EAGAIN),
	W(ENOMEM), W(EACCES), W(EFAULT), W(EBUSY), W(EEXIST), W(ENODEV), W(ENOTDIR), W(EISDIR),
	W(EINVAL), W(ENFILE), W(EMFILE), W(ENOTTY), W(EFBIG), W(ENOSPC), W(ESPIPE), W(EROFS), W(EPIPE),
	W(ERANGE), W(ENOSYS), W(EPROTO), W(ENOTSOCK), W(EDESTADDRREQ), W(EMSGSIZE), W(EPROTOTYPE),
	W(ENOPROTOOPT), W(EPROTONOSUPPORT), W(ESOCKTNOSUPPORT), W(EOPNOTSUPP), W(EPFNOSUPPORT),
	W(EAFNOSUPPORT), W(EADDRINUSE), W(EADDRNOTAVAIL), W(ENETDOWN), W(ENETUNREACH), W(ENETRESET),
	W(ECONNABORTED), W(ECONNRESET), W(ENOBUFS), W(EISCONN), W(ENOTCONN), W(ESHUTDOWN),
	W(ETIMEDOUT), W(ECONNREFUSED), W(EHOSTDOWN), W(EHOSTUNREACH), W(EALREADY), W(EINPROGRESS),
};
/* clang-format on */

/* clang-format off */
static const struct word signals[] = {
	W(SIGHUP), W(SIGINT), W(SIGQUIT), W(SIGKILL), W(SIGUSR1), W(SIGUSR2), W(SIGPIPE), W(SIGALRM),
	W(SIGTERM), W(SIGCHLD), W(SIGCONT), W(SIGSTOP), W(SIGURG), W(SIGIO),
};
/* clang-format on */

/* clang-format off */
static const struct word polls[] = {
	W(POLLIN), W(POLLPRI), W(POLLOUT), W(POLLERR), W(POLLHUP), W(POLLNVAL),
	W(POLLRDNORM), W(POLLWRNORM),
};
/* clang-format on */

/* clang-format off */
static const struct word others[] = {
	{"inet", AF_INET}, {"toe", AF_TOE}, {"stream", SOCK_STREAM}, {"dgram", SOCK_DGRAM},
	{"raw", SOCK_RAW}, W(AF_INET), W(AF_TOE), W(AF_UNIX), W(AF_UNSPEC), W(SOCK_STREAM),
	W(SOCK_DGRAM), W(SOCK_RAW), W(IPPROTO_TCP), W(IPPROTO_UDP), W(IPPROTO_ICMP), W(MSG_PEEK),
	W(MSG_OOB), W(MSG_DONTWAIT), W(MSG_WAITALL), W(MSG_NOSIGNAL), W(MSG_TRUNC), W(MSG_DONTROUTE),
	W(MSG_MORE), W(MSG_ERRQUEUE), W(SHUT_RD), W(SHUT_WR), W(SHUT_RDWR), W(O_RDONLY), W(O_WRONLY), W(O_RDWR),
	W(O_CREAT), W(O_EXCL), W(O_TRUNC), W(O_APPEND), W(O_NONBLOCK), W(O_ASYNC), W(SEEK_SET),
	W(SEEK_CUR), W(SEEK_END), W(F_DUPFD), W(F_GETFD), W(F_SETFD), W(F_GETFL), W(F_SETFL),
	W(F_SETOWN), W(F_GETOWN), W(F_SETSIG), W(F_GETSIG), W(FD_CLOEXEC), W(FIONREAD), W(FIONBIO), W(FIOASYNC), W(SIOCINQ),
	W(SIOCOUTQ), W(SIOCATMARK), W(SIOCGSTAMP), W(FIOSETOWN), W(SIOCSPGRP), W(FIOGETOWN),
	W(SIOCGPGRP), {"SIG_DFL", 0}, {"SIG_IGN", 1}, {"SIG_CATCH", 2}, {"EWOULDBLOCK", EAGAIN},
	W(TCP_ESTABLISHED), W(TCP_SYN_SENT), W(TCP_LISTEN), W(TCP_CLOSE), W(TCP_CLOSE_WAIT),
};
/* clang-format on */

#define O(level, name, kind) {#name, level, name, OPTION_##kind}

/* clang-format off */
static const struct option options[] = {
	O(SOL_SOCKET, SO_REUSEADDR, INT), O(SOL_SOCKET, SO_KEEPALIVE, INT),
	O(SOL_SOCKET, SO_BROADCAST, INT), O(SOL_SOCKET, SO_OOBINLINE, INT),
	O(SOL_SOCKET, SO_SNDBUF, INT), O(SOL_SOCKET, SO_RCVBUF, INT), O(SOL_SOCKET, SO_RCVLOWAT, INT),
	O(SOL_SOCKET, SO_SNDLOWAT, INT),
	O(SOL_SOCKET, SO_PRIORITY, INT), O(SOL_SOCKET, SO_TYPE, INT), O(SOL_SOCKET, SO_ERROR, INT),
	O(SOL_SOCKET, SO_ACCEPTCONN, INT), O(SOL_SOCKET, SO_DONTROUTE, INT),
	O(SOL_SOCKET, SO_NO_CHECK, INT), O(SOL_SOCKET, SO_REUSEPORT, INT),
	O(SOL_SOCKET, SO_LINGER, LINGER), O(SOL_SOCKET, SO_RCVTIMEO, TIME),
	O(SOL_SOCKET, SO_SNDTIMEO, TIME), O(SOL_SOCKET, SO_BINDTODEVICE, DEVICE),
	O(IPPROTO_TCP, TCP_NODELAY, INT), O(IPPROTO_TCP, TCP_CORK, INT),
	O(IPPROTO_TCP, TCP_MAXSEG, INT), O(IPPROTO_TCP, TCP_KEEPIDLE, INT),
	O(IPPROTO_TCP, TCP_KEEPINTVL, INT), O(IPPROTO_TCP, TCP_KEEPCNT, INT),
	O(IPPROTO_TCP, TCP_SYNCNT, INT), O(IPPROTO_TCP, TCP_LINGER2, INT),
	O(IPPROTO_TCP, TCP_DEFER_ACCEPT, INT), O(IPPROTO_TCP, TCP_WINDOW_CLAMP, INT),
	O(IPPROTO_TCP, TCP_QUICKACK, INT), O(IPPROTO_IP, IP_TTL, INT), O(IPPROTO_IP, IP_TOS, INT),
	O(IPPROTO_IP, IP_MULTICAST_TTL, INT), O(IPPROTO_IP, IP_MULTICAST_LOOP, INT),
	O(IPPROTO_IP, IP_MULTICAST_IF, IP), O(IPPROTO_IP, IP_ADD_MEMBERSHIP, GROUP),
	O(IPPROTO_IP, IP_DROP_MEMBERSHIP, GROUP), O(IPPROTO_IP, IP_MTU_DISCOVER, INT),
	O(IPPROTO_IP, IP_RECVERR, INT), O(IPPROTO_IP, IP_MTU, INT), O(IPPROTO_IP, IP_PKTINFO, INT),
	O(IPPROTO_IP, IP_RECVTTL, INT), O(IPPROTO_IP, IP_RECVTOS, INT),
};
/* clang-format on */

/* clang-format off */
static const struct word levels[] = {
	W(SOL_SOCKET), {"SOL_IP", IPPROTO_IP}, W(IPPROTO_IP), {"SOL_TCP", IPPROTO_TCP}, W(IPPROTO_TCP),
};
/* clang-format on */

static bool find_in(const struct word *words, size_t n, const char *name, int64_t *value) {
	for (size_t i = 0; i < n; i++)
		if (g_str_equal(words[i].name, name)) {
			*value = words[i].value;
			return true;
		}
	return false;
}

static const char *name_in(const struct word *words, size_t n, int64_t value) {
	for (size_t i = 0; i < n; i++)
		if (words[i].value == value)
			return words[i].name;
	return NULL;
}

bool word_find(const char *name, int64_t *value) {
	return find_in(errors, G_N_ELEMENTS(errors), name, value) ||
	       find_in(signals, G_N_ELEMENTS(signals), name, value) ||
	       find_in(polls, G_N_ELEMENTS(polls), name, value) ||
	       find_in(others, G_N_ELEMENTS(others), name, value);
}

const char *script_errno_name(int64_t error) {
	return name_in(errors, G_N_ELEMENTS(errors), error);
}

const char *signal_name(int64_t sig) { return name_in(signals, G_N_ELEMENTS(signals), sig); }

void poll_format(GString *out, unsigned events) {
	size_t start = out->len;

	for (size_t i = 0; i < G_N_ELEMENTS(polls); i++)
		if (events & polls[i].value)
			g_string_append_printf(out, "%s%s", out->len > start ? "|" : "",
			                       polls[i].name);
	if (out->len == start)
		g_string_append_c(out, '0');
}

const struct option *option_find(const char *name) {
	for (size_t i = 0; i < G_N_ELEMENTS(options); i++)
		if (g_str_equal(options[i].name, name))
			return &options[i];
	return NULL;
}

bool level_find(const char *name, int *level) {
	int64_t value;
	bool found = find_in(levels, G_N_ELEMENTS(levels), name, &value);

	if (found)
		*level = (int)value;
	return found;
}
