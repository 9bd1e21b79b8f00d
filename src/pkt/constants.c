/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names that scripts may use. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "host/socket/socket.h"
#include "pkt/script.h"

struct constant {
	const char *name;
	int64_t value;
};

#define C(name) {#name, name}

/* clang-format off */
static const struct constant constants[] = {
	C(AF_INET), C(PF_INET), C(AF_UNSPEC), C(AF_TOE), C(AF_UNIX),
	C(SOCK_STREAM), C(SOCK_DGRAM), C(SOCK_RAW), C(SOCK_NONBLOCK), C(SOCK_CLOEXEC),
	C(IPPROTO_IP), C(IPPROTO_TCP), C(IPPROTO_UDP), C(IPPROTO_ICMP), C(INADDR_ANY),
	C(INADDR_LOOPBACK), C(INADDR_BROADCAST),
	C(SOL_SOCKET), C(SOL_IP), C(SOL_TCP), {"SOL_UDP", IPPROTO_UDP},
	C(SO_ACCEPTCONN), C(SO_BINDTODEVICE), C(SO_BROADCAST), C(SO_BSDCOMPAT), C(SO_DEBUG),
	C(SO_DONTROUTE), C(SO_ERROR), C(SO_KEEPALIVE), C(SO_LINGER), C(SO_NO_CHECK), C(SO_OOBINLINE),
	C(SO_PRIORITY), C(SO_RCVBUF), C(SO_RCVLOWAT), C(SO_RCVTIMEO), C(SO_REUSEADDR), C(SO_SNDBUF),
	C(SO_SNDLOWAT), C(SO_SNDTIMEO), C(SO_TIMESTAMP), C(SO_TYPE),
	C(IP_TOS), C(IP_TTL), C(IP_MTU), C(IP_MTU_DISCOVER), C(IP_PMTUDISC_DONT), C(IP_PMTUDISC_WANT),
	C(IP_PMTUDISC_DO), C(IP_RECVERR), C(IP_HDRINCL),
	C(TCP_NODELAY), C(TCP_MAXSEG), C(TCP_CORK), C(TCP_KEEPIDLE), C(TCP_KEEPINTVL),
	C(TCP_KEEPCNT), C(TCP_SYNCNT), C(TCP_LINGER2), C(TCP_DEFER_ACCEPT), C(TCP_WINDOW_CLAMP),
	C(TCP_INFO), C(TCP_QUICKACK),
	C(MSG_OOB), C(MSG_PEEK), C(MSG_DONTROUTE), C(MSG_CTRUNC), C(MSG_TRUNC), C(MSG_DONTWAIT),
	C(MSG_EOR), C(MSG_WAITALL), C(MSG_NOSIGNAL), C(MSG_MORE), C(MSG_ERRQUEUE),
	C(SHUT_RD), C(SHUT_WR), C(SHUT_RDWR),
	C(F_GETFL), C(F_SETFL), C(F_GETFD), C(F_SETFD), C(F_DUPFD), C(FD_CLOEXEC),
	C(O_RDONLY), C(O_WRONLY), C(O_RDWR), C(O_NONBLOCK), C(O_APPEND), C(O_CREAT), C(O_TRUNC),
	C(FIONREAD), C(FIONBIO), C(SIOCINQ), C(SIOCOUTQ), C(SIOCATMARK), C(TIOCINQ), C(TIOCOUTQ),
	C(POLLIN), C(POLLPRI), C(POLLOUT), C(POLLERR), C(POLLHUP), C(POLLNVAL), C(POLLRDNORM),
	C(POLLRDBAND), C(POLLWRNORM), C(POLLWRBAND), C(SOMAXCONN),
	C(TCP_ESTABLISHED), C(TCP_SYN_SENT), C(TCP_SYN_RECV), C(TCP_FIN_WAIT1), C(TCP_FIN_WAIT2),
	C(TCP_TIME_WAIT), C(TCP_CLOSE), C(TCP_CLOSE_WAIT), C(TCP_LAST_ACK), C(TCP_LISTEN),
	C(TCP_CLOSING),
	{"TCP_CA_Open", TCP_CA_Open}, {"TCP_CA_Disorder", TCP_CA_Disorder},
	{"TCP_CA_CWR", TCP_CA_CWR}, {"TCP_CA_Recovery", TCP_CA_Recovery},
	{"TCP_CA_Loss", TCP_CA_Loss}, {"TCP_INFINITE_SSTHRESH", INT32_MAX},
	{"TCPI_OPT_TIMESTAMPS", TCPI_OPT_TIMESTAMPS}, {"TCPI_OPT_SACK", TCPI_OPT_SACK},
	{"TCPI_OPT_WSCALE", TCPI_OPT_WSCALE}, {"TCPI_OPT_ECN", TCPI_OPT_ECN},
	/* Never set by a stack of that age. */
	{"TCPI_OPT_ECN_SEEN", TCPI_OPT_ECN_SEEN}, {"TCPI_OPT_SYN_DATA", TCPI_OPT_SYN_DATA},
	{"TCPI_OPT_USEC_TS", 64}, {"TCPI_OPT_TFO_CHILD", 128}, {"TCPI_OPT_TOE", 0x10000},
};
/* clang-format on */

/* clang-format off */
static const struct constant errnos[] = {
	C(EPERM), C(ENOENT), C(EINTR), C(EIO), C(EBADF), C(EAGAIN), C(EWOULDBLOCK), C(ENOMEM),
	C(EACCES), C(EFAULT), C(EEXIST), C(ENODEV), C(EINVAL), C(EMFILE), C(ENOTTY), C(EPIPE),
	C(ENOTSOCK), C(EDESTADDRREQ), C(EMSGSIZE), C(EPROTOTYPE), C(ENOPROTOOPT), C(EPROTONOSUPPORT),
	C(ESOCKTNOSUPPORT), C(EOPNOTSUPP), C(ENOTSUP), C(EPFNOSUPPORT), C(EAFNOSUPPORT),
	C(EADDRINUSE), C(EADDRNOTAVAIL), C(ENETDOWN), C(ENETUNREACH), C(ENETRESET), C(ECONNABORTED),
	C(ECONNRESET), C(ENOBUFS), C(EISCONN), C(ENOTCONN), C(ESHUTDOWN), C(ETIMEDOUT),
	C(ECONNREFUSED), C(EHOSTDOWN), C(EHOSTUNREACH), C(EALREADY), C(EINPROGRESS), C(ESPIPE),
	C(EPROTO), C(ENONET), C(EDOM), C(ERANGE), C(ENOSYS),
};
/* clang-format on */

#undef C

bool constant_find(const char *name, int64_t *value) {
	for (size_t i = 0; i < G_N_ELEMENTS(constants); i++)
		if (strcmp(constants[i].name, name) == 0) {
			*value = constants[i].value;
			return true;
		}
	return false;
}

int errno_find(const char *name) {
	for (size_t i = 0; i < G_N_ELEMENTS(errnos); i++)
		if (strcmp(errnos[i].name, name) == 0)
			return (int)errnos[i].value;
	return 0;
}

const char *errno_name(int error) {
	for (size_t i = 0; i < G_N_ELEMENTS(errnos); i++)
		if (errnos[i].value == error)
			return errnos[i].name;
	return "E?";
}
