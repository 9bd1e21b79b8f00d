/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The set-up requests of programs: who may, and what is the host's own rather than its stack's. */
#include "host/dev/dev.h"

#include <errno.h>
#include <glib.h>
#include <sys/ioctl.h>

static bool needs_rights(unsigned long cmd) {
	switch (cmd) {
	case SIOCADDRT:
	case SIOCDELRT:
	case SIOCSARP:
	case SIOCDARP:
		return true;
	default:
		return stack_ioctl_sets(cmd);
	}
}

/* The queue in front of a device is the host's, not the stack's. */
static int txqlen_ioctl(struct kernel *k, unsigned long cmd, struct ifreq *ifr) {
	char name[IFNAMSIZ + 1];

	if (!ifr)
		return -EFAULT;
	g_strlcpy(name, ifr->ifr_name, sizeof name);
	struct net_device *dev = dev_get(k, name);
	if (!dev)
		return -ENODEV;
	if (cmd == SIOCGIFTXQLEN)
		ifr->ifr_qlen = (int)dev->tx_queue_len;
	else if (ifr->ifr_qlen < 0)
		return -EINVAL;
	else
		dev->tx_queue_len = (uint32_t)ifr->ifr_qlen;
	return 0;
}

int dev_ioctl(struct kernel *k, unsigned long cmd, void *arg) {
	struct task *me = current_task(k);

	if ((needs_rights(cmd) || cmd == SIOCSIFTXQLEN) && me && !capable(me))
		return -EPERM;
	if (cmd == SIOCGIFTXQLEN || cmd == SIOCSIFTXQLEN)
		return txqlen_ioctl(k, cmd, arg);
	return stack_ioctl(k->stack, cmd, arg);
}
