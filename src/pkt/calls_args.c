/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What are the arguments of a script's call, and is what came out as it says? */
#include "pkt/calls.h"
#include "pkt/conf.h"

#include <limits.h>

const struct expr *call_arg(const struct call *call, unsigned i) {
	return i < call->args->len ? call->args->pdata[i] : NULL;
}

int64_t call_int(const struct call *call, unsigned i) {
	const struct expr *e = call_arg(call, i);

	/* "[1]" points to a number. */
	if (e && e->kind == EXPR_LIST && e->items->len == 1)
		e = e->items->pdata[0];
	return e && e->kind == EXPR_INTEGER ? e->value : 0;
}

/* Descriptors of the machine that a script's numbers do not reach: open nowhere. */
enum { NOWHERE = 1000 };

int call_live_fd(struct run *r, int64_t fd) {
	gpointer live;

	fd = CLAMP(fd, -1, INT_MAX - NOWHERE);
	if (g_hash_table_lookup_extended(r->fds, GINT_TO_POINTER((int)fd), NULL, &live))
		return GPOINTER_TO_INT(live);
	return fd < 0 ? (int)fd : NOWHERE + (int)fd;
}

int call_fd(struct worker *w, const struct call *call) {
	return call_live_fd(w->run, call_int(call, 0));
}

int64_t call_complain(struct worker *w, int64_t result, const char *format, ...) {
	va_list args;

	va_start(args, format);
	if (!w->complaint)
		w->complaint = g_strdup_vprintf(format, args);
	va_end(args);
	return result;
}

/* An address: "..." stands for the script's own, ours or the far one. */
int call_address(struct worker *w, const struct expr *e, bool ours, struct sockaddr_in *addr) {
	const struct run_conf *conf = &w->run->conf;
	const struct expr *family, *port, *ip;

	*addr = (struct sockaddr_in){.sin_family = AF_INET};
	if (!e || e->kind != EXPR_STRUCT) {
		addr->sin_port = g_htons(ours ? conf->bind_port : conf->connect_port);
		addr->sin_addr.s_addr = g_htonl(ours ? conf->local_ip : conf->remote_ip);
		return sizeof *addr;
	}
	family = expr_field(e, "sa_family");
	port = expr_field(e, "sin_port");
	ip = expr_field(e, "sin_addr");
	addr->sin_family = (sa_family_t)(family ? family->value : AF_INET);
	addr->sin_port = g_htons((uint16_t)(port ? port->value : 0));
	addr->sin_addr.s_addr = g_htonl((uint32_t)(ip ? ip->value : 0));
	return sizeof *addr;
}

int call_length(const struct expr *e, int otherwise) {
	if (e && e->kind == EXPR_LIST && e->items->len == 1)
		e = e->items->pdata[0];
	return e && e->kind == EXPR_INTEGER ? (int)e->value : otherwise;
}

int64_t call_check_address(struct worker *w, int64_t result, const struct expr *want,
                           const struct sockaddr_in *have) {
	struct sockaddr_in addr;

	if (result < 0 || !want || want->kind != EXPR_STRUCT)
		return result;
	call_address(w, want, true, &addr);
	if (addr.sin_port != have->sin_port || addr.sin_addr.s_addr != have->sin_addr.s_addr)
		call_complain(w, result, "Expected address 0x%08x port %u but got 0x%08x port %u",
		              g_ntohl(addr.sin_addr.s_addr), g_ntohs(addr.sin_port),
		              g_ntohl(have->sin_addr.s_addr), g_ntohs(have->sin_port));
	return result;
}
