/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tools share. */
#ifndef APPS_TOOLS_INTERNAL_H
#define APPS_TOOLS_INTERNAL_H

#include <errno.h>
#include <string.h>

#include "apps/proc.h"
#include "apps/tools.h"
#include "host/dev.h"
#include "host/syscalls.h"

/* Prints; there is one output for stdout and stderr. */
void tool_print(struct tool_context *tool, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* "WHAT: No such device", as perror() does for a negative errno; returns 1. */
int tool_error(struct tool_context *tool, const char *what, int err);
int tool_usage(struct tool_context *tool, const char *name);

/* An ioctl on an Internet socket made for it, as each tool does: 0 or negative errno. */
int tool_ioctl(struct tool_context *tool, unsigned long cmd, void *arg);

/* "10.0.0.1", or "default" and "0.0.0.0" for 0; false: no address.  Host byte order. */
bool tool_parse_address(const char *text, uint32_t *addr);
bool tool_parse_mac(const char *text, uint8_t mac[6]);
void tool_put_address(struct sockaddr *sa, uint32_t addr);
uint32_t tool_get_address(const struct sockaddr *sa);
/* Into `buf`, which it returns. */
#define TOOL_ADDRESS 24
const char *tool_address(char buf[TOOL_ADDRESS], uint32_t addr);
const char *tool_mac(char buf[TOOL_ADDRESS], const uint8_t mac[6]);

int tool_ifconfig(struct tool_context *tool, int argc, char **argv);
int tool_route(struct tool_context *tool, int argc, char **argv);
int tool_arp(struct tool_context *tool, int argc, char **argv);
int tool_netstat(struct tool_context *tool, int argc, char **argv);
int tool_sopstat(struct tool_context *tool, int argc, char **argv);
/* The routing table, as route and netstat -r print it. */
void tool_print_routes(struct tool_context *tool, bool numeric);

#endif
