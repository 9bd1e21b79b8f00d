/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Addresses and routes.  The shadow is a stack without traffic: what is configured is configured
 * there first, which judges it, and then on the card by the same request.  Questions are answered
 * by the shadow and cost no command; only the card knows its ARP cache.
 */
#include "toe/driver/config.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "net/engine/iface.h"
#include "net/engine/route.h"
#include "net/engine/stack.h"
#include "net/engine/stack_ioctl.h"
#include "toe/driver/command.h"
#include "toe/driver/driver.h"

/* --- requests ------------------------------------------------------------------------------------ */

/* What of a machine's set-up a card is told. */
enum config_kind { CONFIG_NONE, CONFIG_INTERFACE, CONFIG_ROUTE, CONFIG_ARP };

static enum config_kind config_kind(unsigned long request) {
	switch (request) {
	case SIOCSIFADDR:
	case SIOCSIFNETMASK:
	case SIOCSIFBRDADDR:
	case SIOCSIFFLAGS:
	case SIOCSIFMTU:
	case SIOCSIFHWADDR:
		return CONFIG_INTERFACE;
	case SIOCADDRT:
	case SIOCDELRT:
		return CONFIG_ROUTE;
	case SIOCSARP:
	case SIOCGARP:
	case SIOCDARP:
		return CONFIG_ARP;
	default:
		return CONFIG_NONE;
	}
}

static struct comm_config config_of(unsigned long request, const void *arg) {
	struct comm_config config = {.request = request};

	switch (config_kind(request)) {
	case CONFIG_INTERFACE:
		memcpy(&config.arg.ifr, arg, sizeof config.arg.ifr);
		break;
	case CONFIG_ROUTE:
		memcpy(&config.arg.rt, arg, sizeof config.arg.rt);
		if (config.arg.rt.rt_dev)
			g_strlcpy(config.device, config.arg.rt.rt_dev, sizeof config.device);
		break;
	default:
		memcpy(&config.arg.arp, arg, sizeof config.arg.arp);
		break;
	}
	return config;
}

/* --- to the card ---------------------------------------------------------------------------------- */

/* Before the run there are no tasks: the card starts with what it is given then. */
static int card_apply(struct toe *toe, struct comm_config *config) {
	struct toe_cmd *cmd;
	int err;

	if (!current_task(toe->kernel))
		return card_config(toe->card, config);
	cmd = toe_cmd_new(toe, NULL, COMM_CONFIG);
	memcpy(toe_cmd_data(cmd, sizeof *config, COMM_TO_CARD | COMM_TO_HOST), config,
	       sizeof *config);
	err = toe_cmd_call(cmd);
	if (!err)
		memcpy(config, cmd->buffer, sizeof *config);
	toe_cmd_free(cmd);
	return err;
}

int config_ioctl(struct toedev *td, unsigned long cmd, void *arg) {
	struct toe *toe = td_toe(td);
	struct task *me = current_task(toe->kernel);
	enum config_kind kind = config_kind(cmd);
	struct comm_config config;
	int err;

	if (!arg)
		return -EFAULT;
	if (kind == CONFIG_NONE)
		return stack_ioctl(toe->shadow, cmd, arg);
	if (cmd != SIOCGARP && me && !capable(me))
		return -EPERM;
	if (kind != CONFIG_ARP) {
		err = stack_ioctl(toe->shadow, cmd, arg);
		if (err)
			return err;
	}
	config = config_of(cmd, arg);
	err = card_apply(toe, &config);
	if (!err && cmd == SIOCGARP)
		memcpy(arg, &config.arg.arp, sizeof config.arg.arp);
	return err;
}

/* --- questions ------------------------------------------------------------------------------------ */

bool config_owns_addr(struct toedev *td, uint32_t addr) {
	struct net_if_config conf;

	net_if_get(td_toe(td)->shadow_if, &conf);
	return addr && conf.addr == addr;
}

int config_route(struct toedev *td, uint32_t dst) {
	struct toe *toe = td_toe(td);
	const struct net_route *rt = net_route_lookup(toe->shadow, dst);

	if (!rt || rt->ifp != toe->shadow_if)
		return -1;
	return __builtin_popcount(rt->mask);
}

bool config_is_broadcast(struct toedev *td, uint32_t addr) {
	struct net_if_config conf;

	net_if_get(td_toe(td)->shadow_if, &conf);
	return conf.broadcast && conf.broadcast == addr;
}

bool config_on_link(struct toedev *td, uint32_t addr) {
	struct net_if_config conf;

	net_if_get(td_toe(td)->shadow_if, &conf);
	return conf.addr && !((addr ^ conf.addr) & conf.netmask);
}

int64_t config_route_metric(struct toedev *td, const struct rtentry *rt) {
	return stack_route_metric(td_toe(td)->shadow, rt);
}

uint32_t config_generation(struct toedev *td) {
	return net_config_generation(td_toe(td)->shadow) + td->dead;
}

/* --- life -------------------------------------------------------------------------------------- */

void config_init(struct toe *toe) {
	struct net_conf conf = {
		.name = toe->td.name,
		.params = toe->conf.net,
		.ops = &net_silent_ops,
		.owner = toe,
		.clock = sim_clock(toe->kernel->sim),
	};

	toe->shadow = net_stack_new(&conf);
	/* The machine's loop-back interface is not the card's to list. */
	net_if_set(net_if_find(toe->shadow, "lo"), &(struct net_if_config){.mtu = FRAME_MTU});
	toe->shadow_if = net_if_add(toe->shadow, toe->td.name, toe->conf.mac, toe->conf.mtu, toe);
	net_if_set_index(toe->shadow_if, toe->index);
}

void config_exit(struct toe *toe) { net_stack_free(toe->shadow); }
