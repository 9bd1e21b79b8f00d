/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Control messages of recvmsg(), as the log shows them. */
#include <arpa/inet.h>
#include <linux/errqueue.h>
#include <string.h>

#include "script/script_acts.h"
#include "script/script_process.h"
#include "script/script_words.h"

static void note_pktinfo(GString *note, const struct in_pktinfo *info) {
	char to[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &info->ipi_addr, to, sizeof to);
	g_string_append_printf(note, "to %s by %d", to, info->ipi_ifindex);
}

static void note_error(GString *note, const struct sock_extended_err *ee,
                       const struct sockaddr_in *offender) {
	char by[INET_ADDRSTRLEN];

	g_string_append_printf(note, "%s", script_errno_name(ee->ee_errno));
	if (ee->ee_info)
		g_string_append_printf(note, " %u", ee->ee_info);
	if (offender->sin_family == AF_INET)
		g_string_append_printf(note, " type %u code %u by %s", ee->ee_type, ee->ee_code,
		                       inet_ntop(AF_INET, &offender->sin_addr, by, sizeof by));
	else
		g_string_append(note, " local");
}

static void note_one(GString *note, const struct cmsghdr *c) {
	struct {
		struct sock_extended_err ee;
		struct sockaddr_in offender;
	} error;
	struct in_pktinfo info;
	int ttl;

	g_string_append(note, note->len ? ", " : "");
	switch (c->cmsg_type) {
	case IP_PKTINFO:
		memcpy(&info, CMSG_DATA(c), sizeof info);
		note_pktinfo(note, &info);
		break;
	case IP_TTL:
		memcpy(&ttl, CMSG_DATA(c), sizeof ttl);
		g_string_append_printf(note, "ttl %d", ttl);
		break;
	case IP_TOS:
		g_string_append_printf(note, "tos %u", *CMSG_DATA(c));
		break;
	case IP_RECVERR:
		memcpy(&error, CMSG_DATA(c), sizeof error);
		note_error(note, &error.ee, &error.offender);
		break;
	default:
		g_string_append_printf(note, "control message %d", c->cmsg_type);
	}
}

void note_control(struct process *p, struct msghdr *msg, struct outcome *out) {
	g_string_truncate(p->note, 0);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); out->result >= 0 && c; c = CMSG_NXTHDR(msg, c))
		note_one(p->note, c);
	if (p->note->len)
		out->note = p->note->str;
}
