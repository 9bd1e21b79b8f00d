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

#include "toe/driver/toe_sock.h"

/* --- requests ------------------------------------------------------------------------------------ */

enum request_kind { REQUEST_NONE, REQUEST_INTERFACE, REQUEST_ROUTE, REQUEST_ARP };

static enum request_kind request_kind(unsigned long cmd) {
	switch (cmd) {
	case SIOCSIFADDR:
	case SIOCSIFNETMASK:
	case SIOCSIFBRDADDR:
	case SIOCSIFFLAGS:
	case SIOCSIFMTU:
	case SIOCSIFHWADDR:
		return REQUEST_INTERFACE;
	case SIOCADDRT:
	case SIOCDELRT:
		return REQUEST_ROUTE;
	case SIOCSARP:
	case SIOCGARP:
	case SIOCDARP:
		return REQUEST_ARP;
	default:
		return REQUEST_NONE;
	}
}

bool config_request_init(struct config_request *request, unsigned long cmd, const void *arg) {
	memset(request, 0, sizeof *request);
	request->cmd = cmd;
	switch (request_kind(cmd)) {
	case REQUEST_INTERFACE:
		memcpy(&request->arg.ifr, arg, sizeof request->arg.ifr);
		return true;
	case REQUEST_ROUTE:
		memcpy(&request->arg.rt, arg, sizeof request->arg.rt);
		if (request->arg.rt.rt_dev)
			g_strlcpy(request->device, request->arg.rt.rt_dev, sizeof request->device);
		return true;
	case REQUEST_ARP:
		memcpy(&request->arg.arp, arg, sizeof request->arg.arp);
		return true;
	default:
		return false;
	}
}

void config_request_answer(const struct config_request *request, void *arg) {
	if (request->cmd == SIOCGARP)
		memcpy(arg, &request->arg.arp, sizeof request->arg.arp);
}

int config_apply(struct net_stack *st, struct config_request *request) {
	if (request_kind(request->cmd) == REQUEST_ROUTE)
		request->arg.rt.rt_dev = *request->device ? request->device : NULL;
	return stack_ioctl(st, request->cmd, &request->arg);
}

/* --- to the card ---------------------------------------------------------------------------------- */

/* Before the run there are no tasks: the card starts with what it is given then. */
static int card_apply(struct toe *toe, struct config_request *request) {
	struct toe_cmd *cmd;
	int err;

	if (!current_task(toe->kernel))
		return config_apply(toe->card->stack, request);
	cmd = toe_cmd_new(toe, NULL, COMM_CONFIG);
	memcpy(toe_cmd_data(cmd, sizeof *request, COMM_TO_CARD | COMM_TO_HOST), request,
	       sizeof *request);
	err = toe_cmd_call(cmd);
	if (err == 0)
		memcpy(request, cmd->buffer, sizeof *request);
	toe_cmd_free(cmd);
	return err;
}

int config_ioctl(struct toedev *td, unsigned long cmd, void *arg) {
	struct toe *toe = td_toe(td);
	struct task *me = current_task(toe->kernel);
	struct config_request request;
	int err;

	if (!arg)
		return -EFAULT;
	if (!config_request_init(&request, cmd, arg))
		return stack_ioctl(toe->shadow, cmd, arg);
	if (cmd != SIOCGARP && me && !capable(me))
		return -EPERM;
	if (request_kind(cmd) != REQUEST_ARP) {
		err = config_apply(toe->shadow, &request);
		if (err < 0)
			return err;
		config_request_init(&request, cmd, arg);
	}
	err = card_apply(toe, &request);
	if (err == 0)
		config_request_answer(&request, arg);
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

static bool shadow_output(void *owner, struct net_if *ifp, struct frame *frame, enum net_kind kind,
                          size_t payload) {
	(void)owner, (void)ifp, (void)kind, (void)payload;
	frame_free(frame);
	return true;
}

static void shadow_event(void *owner, struct net_sock *so, unsigned events) {
	(void)owner, (void)so, (void)events;
}

static void shadow_timer(void *owner, sim_time when) {
	(void)owner, (void)when;
}

static const struct net_ops shadow_ops = {
	.output = shadow_output,
	.event = shadow_event,
	.timer = shadow_timer,
};

void config_init(struct toe *toe) {
	struct net_conf conf = {
		.name = toe->td.name,
		.params = toe->conf.net,
		.ops = &shadow_ops,
		.owner = toe,
		.clock = sim_clock(toe->kernel->sim),
	};

	toe->shadow = net_stack_new(&conf);
	/* The machine's loop-back interface is not the card's to list. */
	net_if_set(net_if_find(toe->shadow, "lo"), &(struct net_if_config){.mtu = FRAME_MTU});
	toe->shadow_if = net_if_add(toe->shadow, toe->td.name, toe->conf.mac, toe->conf.mtu, toe);
	net_if_set_index(toe->shadow_if, dev_new_index(toe->kernel));
	net_if_set_index(toe->card->ifp, net_if_index(toe->shadow_if));
}

void config_exit(struct toe *toe) {
	net_stack_free(toe->shadow);
}
