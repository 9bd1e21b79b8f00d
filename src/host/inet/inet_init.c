/* SPDX-License-Identifier: GPL-3.0-or-later */
/* INET comes up with the machine: its stack, the family, and stack 0 of the registry. */
#include "host/inet/inet_internal.h"

void inet_init(struct kernel *k) {
	struct inet_host *host = inet_stack_new(k);

	sock_register(k, &inet_family_ops);
	inet_toedev_init(host);
}

void inet_exit(struct kernel *k) { inet_stack_free(k); }
