/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How is a TAP device of the real kernel had, and why not? */
#include "live/tap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define TUN_DEVICE "/dev/net/tun"

struct tap {
	int fd;
	char name[IFNAMSIZ];
	uint8_t spill[65536]; /* the rest of frames that are too long */
};

static bool name_good(const char *name) {
	return *name && strlen(name) < IFNAMSIZ && !strpbrk(name, "/% \t:") &&
	       strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static void explain_open(char **why, int error) {
	*why = g_strdup_printf(TUN_DEVICE ": %s; allowed: a kernel with TUN/TAP, and permission to "
	                                  "use it (root)",
	                       g_strerror(error));
}

static void explain_attach(char **why, int error) {
	const char *allowed =
		error == EBUSY ? "a device that nothing else is attached to"
		: error == EINVAL
			? "a TAP device, or a name that is free"
			: "the capability CAP_NET_ADMIN (root), or a TAP device of this user";

	*why = g_strdup_printf("%s; allowed: %s", g_strerror(error), allowed);
}

struct tap *tap_open(const char *name, char **why) {
	struct ifreq ifr = {.ifr_flags = IFF_TAP | IFF_NO_PI};
	struct tap *tap;
	int fd;

	if (!name_good(name)) {
		*why = g_strdup_printf(
			"'%s'; allowed: the name of an interface, 1 to %d characters", name,
			IFNAMSIZ - 1);
		return NULL;
	}
	fd = open(TUN_DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		explain_open(why, errno);
		return NULL;
	}
	g_strlcpy(ifr.ifr_name, name, sizeof ifr.ifr_name);
	if (ioctl(fd, TUNSETIFF, &ifr) < 0 || ioctl(fd, TUNSETOFFLOAD, 0) < 0) {
		explain_attach(why, errno);
		close(fd);
		return NULL;
	}
	tap = g_new(struct tap, 1);
	tap->fd = fd;
	g_strlcpy(tap->name, ifr.ifr_name, sizeof tap->name);
	return tap;
}

void tap_close(struct tap *tap) {
	if (!tap)
		return;
	close(tap->fd);
	g_free(tap);
}

const char *tap_name(const struct tap *tap) { return tap->name; }
int tap_fd(const struct tap *tap) { return tap->fd; }

/* --- the kernel's end ------------------------------------------------------------------------ */

static struct ifreq request(const struct tap *tap) {
	struct ifreq ifr = {0};

	memcpy(ifr.ifr_name, tap->name, sizeof ifr.ifr_name);
	return ifr;
}

static int set_inet(const struct tap *tap, int sock, unsigned long get, unsigned long set,
                    uint32_t value) {
	struct sockaddr_in sin = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(value)}, now;
	struct ifreq ifr = request(tap);

	if (ioctl(sock, get, &ifr) == 0) {
		memcpy(&now, &ifr.ifr_addr, sizeof now);
		if (now.sin_addr.s_addr == sin.sin_addr.s_addr)
			return 0;
	}
	ifr = request(tap);
	memcpy(&ifr.ifr_addr, &sin, sizeof sin);
	return ioctl(sock, set, &ifr);
}

static int bring_up(const struct tap *tap, int sock) {
	struct ifreq ifr = request(tap);

	if (ioctl(sock, SIOCGIFFLAGS, &ifr) < 0)
		return -1;
	if (ifr.ifr_flags & IFF_UP)
		return 0;
	ifr.ifr_flags |= IFF_UP;
	return ioctl(sock, SIOCSIFFLAGS, &ifr);
}

bool tap_configure(struct tap *tap, uint32_t addr, uint32_t mask, char **why) {
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool good = sock >= 0 && set_inet(tap, sock, SIOCGIFADDR, SIOCSIFADDR, addr) == 0 &&
	            set_inet(tap, sock, SIOCGIFNETMASK, SIOCSIFNETMASK, mask) == 0 &&
	            bring_up(tap, sock) == 0;

	if (!good)
		*why = g_strdup_printf("%s: %s; allowed: an address that the kernel accepts, and "
		                       "permission to set it (root)",
		                       tap->name, g_strerror(errno));
	if (sock >= 0)
		close(sock);
	return good;
}

/* --- frames ---------------------------------------------------------------------------------- */

int tap_read(struct tap *tap, struct frame **frame) {
	struct frame *f = frame_new(64, TAP_FRAME_MAX);
	struct iovec iov[] = {{frame_data(f), TAP_FRAME_MAX}, {tap->spill, sizeof tap->spill}};
	ssize_t n = readv(tap->fd, iov, G_N_ELEMENTS(iov));
	int error = n < 0 ? errno : n > TAP_FRAME_MAX ? EMSGSIZE : 0;

	if (error) {
		frame_free(f);
		return -error;
	}
	f->len = (uint16_t)n;
	*frame = f;
	return 0;
}

int tap_write(struct tap *tap, struct frame *frame) {
	return write(tap->fd, frame_data(frame), frame->len) < 0 ? -errno : 0;
}
