/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What do a script's options, flags and ioctls do? */
#include "script/script_acts.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/sockios.h>
#include <string.h>

#include "script/script_process.h"
#include "script/script_tree.h"
#include "script/script_words.h"

/* --- socket options --------------------------------------------------------------------------- */

/* How a value is laid out depends on the option; its name is in the statement. */
static const struct option *option_of(const struct process *p) {
	return p->stmt->args[2].e->option;
}

union option_value {
	int number;
	struct timeval tv;
	struct linger linger;
	struct ip_mreqn group;
	struct in_addr ip;
	char device[16];
};

/* The value's bytes, their number; -EINVAL if the values do not fit the option. */
static int make_value(const struct option *option, const struct value *arg, unsigned n,
                      union option_value *v) {
	enum value_type type = n > 0 ? arg[0].type : VALUE_NUMBER;

	memset(v, 0, sizeof *v);
	switch (option->kind) {
	case OPTION_TIME:
		if (n != 1 || type != VALUE_TIME)
			return -EINVAL;
		v->tv = (struct timeval){arg[0].number / SIM_S, arg[0].number % SIM_S / SIM_US};
		return sizeof v->tv;
	case OPTION_LINGER:
		if (n != 2)
			return -EINVAL;
		v->linger = (struct linger){
			(int)arg[0].number,
			(int)(arg[1].type == VALUE_TIME ? arg[1].number / SIM_S : arg[1].number)};
		return sizeof v->linger;
	case OPTION_DEVICE:
		if (n != 1 || type != VALUE_TEXT)
			return -EINVAL;
		memcpy(v->device, arg[0].text, MIN(arg[0].len, sizeof v->device));
		return sizeof v->device;
	case OPTION_GROUP:
		if (n < 1 || n > 3 || type != VALUE_ADDRESS ||
		    (n > 1 && arg[1].type != VALUE_ADDRESS))
			return -EINVAL;
		v->group.imr_multiaddr.s_addr = htonl(arg[0].addr);
		v->group.imr_address.s_addr = n > 1 ? htonl(arg[1].addr) : INADDR_ANY;
		v->group.imr_ifindex = n > 2 ? (int)arg[2].number : 0;
		return n > 2 ? sizeof v->group : sizeof(struct ip_mreq);
	case OPTION_IP:
		if (n != 1 || type != VALUE_ADDRESS)
			return -EINVAL;
		v->ip.s_addr = htonl(arg[0].addr);
		return sizeof v->ip;
	default:
		if (n != 1 || type != VALUE_NUMBER)
			return -EINVAL;
		v->number = (int)arg[0].number;
		return sizeof v->number;
	}
}

void act_setsockopt(struct process *p, const struct value *arg, unsigned n, struct outcome *out) {
	union option_value v;
	int len = make_value(option_of(p), arg + 3, n - 3, &v);

	out->result = len < 0 ? len
	                      : sys_setsockopt(p->task, out->fd, (int)arg[1].number,
	                                       (int)arg[2].number, &v, len);
}

/* The value is the result: microseconds of a time, seconds of SO_LINGER (-1: off). */
void act_getsockopt(struct process *p, const struct value *arg, unsigned n, struct outcome *out) {
	const struct option *option = option_of(p);
	union option_value v = {0};
	int len = sizeof v;

	(void)n;
	out->result =
		sys_getsockopt(p->task, out->fd, (int)arg[1].number, (int)arg[2].number, &v, &len);
	if (out->result < 0)
		return;
	switch (option->kind) {
	case OPTION_TIME:
		out->result = v.tv.tv_sec * 1000000 + v.tv.tv_usec;
		break;
	case OPTION_LINGER:
		out->result = v.linger.l_onoff ? v.linger.l_linger : -1;
		break;
	case OPTION_IP:
		p->addr = ntohl(v.ip.s_addr);
		p->port = 0;
		out->has_addr = true;
		break;
	default:
		out->result = v.number;
		break;
	}
	if (out->result > 0 && option->level == SOL_SOCKET && option->number == SO_ERROR)
		out->note = script_errno_name(out->result);
}

/* --- fcntl and ioctl -------------------------------------------------------------------------- */

void act_fcntl(struct process *p, const struct value *arg, unsigned n, struct outcome *out) {
	out->result = sys_fcntl(p->task, out->fd, (int)arg[1].number, n > 2 ? arg[2].number : 0);
}

/* Questions have the answer as result; orders take a number. */
void act_ioctl(struct process *p, const struct value *arg, unsigned n, struct outcome *out) {
	unsigned long cmd = (unsigned long)arg[1].number;
	bool order = cmd == FIONBIO || cmd == FIOASYNC || cmd == FIOSETOWN || cmd == SIOCSPGRP;
	struct timeval tv = {0};
	int value = n > 2 ? (int)arg[2].number : 0;

	if (cmd == SIOCGSTAMP) {
		out->result = sys_ioctl(p->task, out->fd, cmd, &tv);
		if (!out->result)
			out->result = tv.tv_sec * 1000000 + tv.tv_usec;
		return;
	}
	out->result = sys_ioctl(p->task, out->fd, cmd, &value);
	if (!out->result && !order)
		out->result = value;
}
