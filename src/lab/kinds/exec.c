/* SPDX-License-Identifier: GPL-3.0-or-later */
/* [exec NAME]: a real program, as a process of a host. */
#include "exec/exec.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "lab/kinds/told.h"
#include "lab/world/verdict.h"
#include "script/whose.h"
#include "tools/proc.h"
#include "tools/rtnetlink.h"

struct conf {
	char *machine, *command, *folder, *root, *input;
	char **environment;
	sim_time at, user_cost, jitter, threads_spin;
	uint64_t max_output;
	int output, tsc;
	bool background; /* need not end */
	bool enabled;
};

struct live {
	struct world *world;
	struct exec_program *program;
	const char *name;
	struct sim_event settled; /* the end of its after-effects */
	GString *line[2];         /* what it has printed of a line: output, errors */
	bool background, plain;
};

enum { DATED, PLAIN };
enum { REAL, SIMULATED };
static const char *const counters[] = {"real", "simulated", NULL};
static const char *const outputs[] = {"dated", "plain", NULL};

static const struct key keys[] = {
	K("enabled", BOOL, enabled, "no: it is left out"),
	NEED("machine", TEXT, machine, "host", "the host that it runs on"),
	K("command", TEXT, command, "the program and its arguments; no shell takes part"),
	K("folder", TEXT, folder,
          "where it starts, which it can read; else it writes /tmp, /var, /run"),
	K("root", TEXT, root,
          "a folder that its machine has for its root; else it has this machine's"),
	K("input", TEXT, input, "a file for its standard input; else there is none"),
	K("environment", NAMES, environment, "NAME=VALUE, beside PATH, HOME, LANG and TZ"),
	R("at", TIME, at, 0, DAY, "when it starts"),
	R("user_cost", TIME, user_cost, 0, SIM_S, "charged for each return to user mode"),
	R("jitter", TIME, jitter, 0, SIM_S,
          "real time up to which some answers wait, at random: for tests that it does not matter"),
	R("threads_spin", TIME, threads_spin, SIM_MS, DAY,
          "processor time without a call, after which a slice is charged"),
	R("max_output", BYTES, max_output, 4096, 1 << 30,
          "what it may print, and write to a file, before it gets SIGXFSZ"),
	C("tsc", tsc, counters,
          "time stamp counter: the processor's, or simulated time (Go needs it)"),
	C("output", output, outputs, "what it prints: lines with their dates, or as it comes"),
	K("background", BOOL, background, "yes: it need not come to its end"),
};

static void init(void *conf) {
	struct conf *c = conf;

	c->machine = g_strdup("server");
	c->enabled = true;
	c->threads_spin = 300 * SIM_MS;
	c->max_output = 64 << 20;
}

static bool check(const struct scenario *sc, const struct group *group, GError **error) {
	const struct conf *c = group->conf;

	if (sc->text->untrusted)
		return group_wrong(group, "command", error,
		                   "programs of this machine are not for a stranger's scenario; "
		                   "allowed: to run it without --untrusted");
	return (c->command && *c->command) ||
	       group_wrong(group, "command", error, "missing; allowed: a command such as curl");
}

/* Where it starts, if it does not say so. */
static const char *folder_of(const struct conf *c) {
	return c->folder ? c->folder : c->root ? "/" : ".";
}

/* The program, and those of its words that are files there: scripts, settings. */
static void takes(const struct group *group, void (*fn)(void *arg, const char *path), void *arg) {
	const struct conf *c = group->conf;
	g_auto(GStrv) words = NULL;
	g_autofree char *program = NULL;

	if (!c->enabled || !c->command || !g_shell_parse_argv(c->command, NULL, &words, NULL))
		return;
	program = c->root ? g_build_filename(c->root, words[0], NULL)
	                  : g_find_program_in_path(words[0]);
	if (program)
		fn(arg, program);
	if (c->input)
		fn(arg, c->input);
	for (unsigned i = 1; words[i]; i++) {
		g_autofree char *there = g_canonicalize_filename(words[i], folder_of(c));
		g_autofree char *path = g_build_filename(c->root ? c->root : "/", there, NULL);

		if (g_file_test(path, G_FILE_TEST_IS_REGULAR))
			fn(arg, path);
	}
}

/* --- all programs of the world ------------------------------------------------------------------ */

/* There is one world at a time in a process. */
static struct exec *all;
static unsigned users;

static const char *whose(const struct socket *sock, enum exec_about about) {
	static const enum whose_call calls[] = {[EXEC_ABOUT_ANY] = WHOSE_ANY,
	                                        [EXEC_ABOUT_SEND] = WHOSE_SEND,
	                                        [EXEC_ABOUT_RECEIVE] = WHOSE_RECEIVE};

	return whose_socket(sock, calls[about]);
}

/* The host that an interface is plugged into, at the first that is asked for; else NULL. */
static const char *first_of_host(const struct world *world, const struct group *group,
                                 GHashTable *named) {
	const char *bus = group_has(group, "bus") ? group_text(group, "bus") : NULL;
	const char *host = bus ? pci_host(world, bus)->name : NULL;

	return host && g_hash_table_add(named, (gpointer)host) ? host : NULL;
}

/* The names of the simulated network, for all machines: a host's own is its first interface's. */
static char *hosts_file(const struct world *world) {
	g_autoptr(GHashTable) named = g_hash_table_new(g_str_hash, g_str_equal);
	const struct scenario *sc = world->sc;
	GString *text = g_string_new("127.0.0.1 localhost\n");

	for (guint i = 0; i < sc->groups->len; i++) {
		const struct group *group = sc->groups->pdata[i];
		struct in_addr in;
		char dotted[INET_ADDRSTRLEN];
		const char *host;

		if (!kind_is(group->kind, "machine") || !group_enabled(group))
			continue;
		in.s_addr = htonl(group_address(group).addr);
		if (!in.s_addr)
			continue;
		host = first_of_host(world, group, named);
		g_string_append_printf(text, "%s %s%s%s\n",
		                       inet_ntop(AF_INET, &in, dotted, sizeof dotted), group->name,
		                       host ? " " : "", host ? host : "");
	}
	return g_string_free(text, FALSE);
}

static struct exec *exec_get(const struct world *world) {
	g_autofree char *hosts = NULL;

	if (users++ > 0)
		return all;
	hosts = hosts_file(world);
	all = exec_new(world->sim, &(struct exec_conf){.hosts = hosts,
	                                               .epoch = scenario_epoch(world->sc),
	                                               .whose = whose,
	                                               .proc_net = proc_net_file,
	                                               .netlink = rtnetlink_serve});
	return all;
}

void exec_watch(const struct exec_watched *watched) {
	if (!all)
		return;
	exec_log_to(all, watched->log);
	if (watched->check_fds)
		exec_check_fds(all);
}

/* --- what it prints --------------------------------------------------------------------------------- */

static void show_lines(struct live *live, GString *line) {
	char *end;

	while ((end = memchr(line->str, '\n', line->len))) {
		gssize len = end - line->str;

		*end = '\0';
		told_show(live->world, &(struct script_event){.kind = SCRIPT_OUTPUT,
		                                              .when = sim_now(live->world->sim),
		                                              .process = live->name,
		                                              .text = line->str});
		g_string_erase(line, 0, len + 1);
	}
}

static void printed(void *arg, int fd, const char *bytes, size_t len) {
	struct live *live = arg;
	GString *line = live->line[fd - 1];

	if (live->plain) {
		fwrite(bytes, 1, len, fd == 1 ? stdout : stderr);
		fflush(fd == 1 ? stdout : stderr);
		return;
	}
	g_string_append_len(line, bytes, (gssize)len);
	show_lines(live, line);
}

/* --- life --------------------------------------------------------------------------------------------- */

static void settled(void *arg) { world_program_done(((const struct live *)arg)->world); }

static void done(void *arg) {
	struct live *live = arg;

	for (int i = 0; i < 2; i++)
		if (live->line[i]->len) {
			g_string_append_c(live->line[i], '\n');
			show_lines(live, live->line[i]);
		}
	if (live->background)
		return;
	sim_event_init(&live->settled, settled, live);
	sim_after(live->world->sim, &live->settled, SETTLE);
}

static bool start(struct live *live, const struct group *group, GError **error) {
	const struct conf *c = group->conf;
	g_autofree char *folder = c->root ? g_strdup(folder_of(c)) : realpath(folder_of(c), NULL);
	g_autofree char *root = c->root ? realpath(c->root, NULL) : NULL;
	g_autoptr(GError) trouble = NULL;
	struct exec_program_conf conf = {
		.name = group->name,
		.command = c->command,
		.folder = folder,
		.root = root,
		.input = c->input,
		.environment = c->environment,
		.at = c->at,
		.user_cost = c->user_cost,
		.threads_spin = c->threads_spin,
		.tsc = c->tsc == SIMULATED,
		.max_output = c->max_output,
		.jitter = c->jitter,
		.printed = printed,
		.done = done,
		.arg = live,
	};

	if (!folder || (c->root && *folder != '/'))
		return group_wrong(group, "folder", error, "%s: there is none; allowed: a folder%s",
		                   folder_of(c), c->root ? " of the root's, such as /srv" : "");
	if (c->root && (!root || !g_file_test(root, G_FILE_TEST_IS_DIR)))
		return group_wrong(group, "root", error, "%s: there is none; allowed: a folder",
		                   c->root);
	live->program = exec_start(exec_get(live->world), host_called(live->world, c->machine),
	                           &conf, &trouble);
	return live->program ||
	       group_wrong(group, "command", error, "%s; allowed: a program of this machine",
	                   trouble->message);
}

static bool build(struct world *world, struct group *group, GError **error) {
	const struct conf *c = group->conf;
	struct live *live;

	if (exec_lacks())
		return group_wrong(group, "type", error,
		                   "real programs need of this machine what it lacks: %s; allowed: "
		                   "a scenario without [exec]",
		                   exec_lacks());
	live = group->live = g_new0(struct live, 1);
	live->world = world;
	live->name = group->name;
	live->background = c->background;
	live->plain = c->output == PLAIN;
	for (int i = 0; i < 2; i++)
		live->line[i] = g_string_new(NULL);
	if (!c->background)
		world_program_runs(world);
	return start(live, group, error);
}

static void end(struct group *group) {
	struct live *live = group->live;

	sim_cancel(live->world->sim, &live->settled);
	if (--users == 0)
		exec_free(all);
	for (int i = 0; i < 2; i++)
		g_string_free(live->line[i], TRUE);
	g_free(live);
}

/* --- what came of it ------------------------------------------------------------------------------------ */

static const struct measured measures[] = {
	{.name = "calls",
         .unit = "1",
         .help = "system calls that were notified",
         .adds = ADDS_SUM,
         .head = "system calls"},
	{.name = "passed",
         .unit = "1",
         .help = "of them that the real kernel did",
         .adds = ADDS_SUM,
         .head = "passed"},
	{.name = "refused",
         .unit = "1",
         .help = "of them that were refused",
         .adds = ADDS_SUM,
         .head = "refused"},
	{.name = "processes",
         .unit = "1",
         .help = "processes that it has had",
         .adds = ADDS_SUM,
         .head = "processes"},
	{.name = "threads",
         .unit = "1",
         .help = "threads of them, first ones included",
         .adds = ADDS_SUM},
	{.name = "user_cost",
         .unit = "us",
         .help = "charged for each return to user mode: its own code takes no other time",
         .adds = ADDS_NOT,
         .head = "own code a call"},
	{.name = "spins",
         .unit = "1",
         .help = "slices charged to threads that computed without calls; such a run is not repeatable",
         .adds = ADDS_SUM},
	{.name = "exit_status",
         .unit = "1",
         .help = "of its first process; 128 and the signal that killed it",
         .adds = ADDS_NOT},
	{.name = "killed_by",
         .unit = "1",
         .help = "the signal that killed its first process; 0: none did",
         .adds = ADDS_NOT},
	{.name = "unfinished",
         .unit = "1",
         .help = "1: it had not ended when the run was over",
         .adds = ADDS_SUM},
};

static void tell_standing(void *arg, pid_t thread, const char *call) {
	struct live *live = arg;
	g_autofree char *text = g_strdup_printf("cut short: %d stands in %s()", thread, call);

	told_show(live->world, &(struct script_event){.kind = SCRIPT_MISMATCH,
	                                              .when = sim_now(live->world->sim),
	                                              .process = live->name,
	                                              .text = text});
}

static void over(struct group *group) {
	struct live *live = group->live;

	if (!live->background && !live->world->open_ended)
		exec_standing(live->program, tell_standing, live);
}

static void tell_exec(struct reading *r, const struct group *group) {
	const struct live *live = group->live;
	struct exec_result result;
	int killed_by;

	exec_result(live->program, &result);
	tell(r, "calls", (double)result.calls);
	tell(r, "passed", (double)result.passed);
	tell(r, "refused", (double)result.refused);
	tell(r, "processes", (double)result.processes);
	tell(r, "threads", (double)result.threads);
	tell(r, "user_cost", sim_to_us(((const struct conf *)group->conf)->user_cost));
	tell(r, "spins", (double)result.spins);
	tell(r, "unfinished",
	     !result.ended && !live->world->open_ended && !live->background ? 1 : 0);
	if (!result.ended)
		return;
	killed_by = WIFSIGNALED(result.status) ? WTERMSIG(result.status) : 0;
	tell(r, "exit_status", killed_by ? 128 + killed_by : WEXITSTATUS(result.status));
	tell(r, "killed_by", killed_by);
}

static void judge(const struct look *look) {
	double status = look_at(look, "exit_status"), signal = look_at(look, "killed_by");

	if (signal > 0)
		look_blame(look, "the program was killed by signal %.0f", signal);
	else if (status > 0)
		look_blame(look, "the program ended with status %.0f", status);
	if (look_at(look, "unfinished") > 0)
		look_blame(look, "the program had not ended when the run was over");
}

const struct kind kind_exec = {
	.name = "exec",
	.help = "a real program as a process of a host",
	.title = "Real programs",
	.is = "acts",
	.named = true,
	.size = sizeof(struct conf),
	.keys = keys,
	.n_keys = G_N_ELEMENTS(keys),
	.init = init,
	.takes = takes,
	.check = check,
	.stage = STAGE_TOLD,
	.ends = ENDS_PROGRAM,
	.build = build,
	.free = end,
	.measures = measures,
	.n_measures = G_N_ELEMENTS(measures),
	.tell = tell_exec,
	.over = over,
	.judge = judge,
};
