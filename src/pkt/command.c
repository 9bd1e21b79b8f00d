/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line: each script is run in a process of its own, since a process has one engine. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pkt/conf.h"
#include "pkt/pkt.h"
#include "pkt/run.h"

struct settings {
	struct run_conf conf;
	GHashTable *defines;
	GPtrArray *options; /* "name", "value" by turns, which go before a script's own */
	GPtrArray *files;   /* char *: not owned */
	char *trace;        /* of the only one; NULL: none */
	uint64_t trace_limit;
};

const char pkt_usage[] =
	"Usage: sopsim pkt FILE... [--via inet|sop-inet|sop-toe] [--set tcp.KEY=VALUE]...\n"
	"                  [-D NAME=VALUE]... [--isn=N] [--tolerance_usecs=N] [--mtu=N] ...\n"
	"                  [--trace FILE [--trace-limit N]]\n\n"
	"Runs scripts in packetdrill's language against a simulated machine in virtual time.\n"
	"  --via       what serves the sockets: the host's INET (default), SOP over INET, or SOP\n"
	"              over a TOE card\n"
	"  --set       a parameter of the TCP under test (tcp.preset=bsd-card sets them all)\n"
	"  -D          defines a name for scripts\n"
	"  --trace     writes all that happens in the only script there: X.pftrace for Perfetto,\n"
	"              X.speedscope.json; .gz packs; --trace-limit spans at most (2000000)\n"
	"  --isn       where the sequence numbers of both sides begin on the wire\n"
	"Options of packetdrill (--tolerance_usecs, --local_ip, --mtu ...) are taken too, and go before\n"
	"those in the scripts.  docs/scripts.md has all of them.\n\n"
	"An example, to be put into hello.pkt: a server takes a connection and five bytes.\n\n"
	"    0   socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
	"    +0  bind(3, ..., ...) = 0\n"
	"    +0  listen(3, 1) = 0\n"
	"    +0  < S 0:0(0) win 32792 <mss 1460>     // the script sends this\n"
	"    +0  > S. 0:0(0) ack 1 <mss 1460>        // the machine must answer so, at once\n"
	"    +.1 < P. 1:6(5) ack 1 win 32792\n"
	"    +0  > . 1:1(0) ack 6\n"
	"    +0  accept(3, ..., ...) = 4\n"
	"    +0  read(4, ..., 100) = 5\n\n"
	"    sopsim pkt hello.pkt                    // 1 passed, 0 failed, 0 skipped\n"
	"    sopsim pkt --via sop-toe hello.pkt      // the same on a card\n\n"
	"Exit status: 0 none failed, 1 some failed, 2 bad usage.\n";

static bool set_via(struct run_conf *conf, const char *name) {
	static const char *const names[] = {"inet", "sop-inet", "sop-toe"};

	for (int i = 0; i < (int)G_N_ELEMENTS(names); i++)
		if (g_str_equal(name, names[i])) {
			conf->via = (enum via)i;
			return true;
		}
	fprintf(stderr, "sopsim pkt: --via %s: there is none; allowed: inet, sop-inet, sop-toe\n",
	        name);
	return false;
}

static bool define(struct settings *set, const char *text) {
	g_auto(GStrv) parts = g_strsplit(text, "=", 2);

	if (!parts[0] || !parts[1]) {
		fprintf(stderr, "sopsim pkt: -D %s: no NAME=VALUE; allowed: such as -D x=1\n",
		        text);
		return false;
	}
	g_hash_table_insert(set->defines, g_strdup(parts[0]), g_strdup(parts[1]));
	return true;
}

static bool set_trace(struct settings *set, const char *name, const char *value) {
	gint64 limit = g_ascii_strtoll(value, NULL, 10);

	if (g_str_equal(name, "trace")) {
		g_free(set->trace);
		set->trace = g_strdup(value);
	} else if (limit >= 1 && limit <= G_MAXUINT32 / 2) {
		set->trace_limit = (uint64_t)limit;
	} else {
		fprintf(stderr,
		        "sopsim pkt: --trace-limit: %s; allowed: a whole number from 1 to %u\n",
		        value, G_MAXUINT32 / 2);
		return false;
	}
	return true;
}

/* One "--name[=value]" or "-D"; *used tells how many words it took. */
static bool parse_word(struct settings *set, char **argv, int *used) {
	g_autoptr(GError) error = NULL;
	const char *word = argv[0] + strspn(argv[0], "-"), *equals = strchr(word, '=');
	g_autofree char *name = equals ? g_strndup(word, (gsize)(equals - word)) : g_strdup(word);
	bool takes = g_str_equal(name, "via") || g_str_equal(name, "set") ||
	             g_str_equal(name, "D") || g_str_equal(name, "define") ||
	             g_str_equal(name, "trace") || g_str_equal(name, "trace-limit");
	const char *value = equals ? equals + 1 : takes && argv[1] ? argv[1] : "";

	*used = takes && !equals ? 2 : 1;
	if (takes && !*value) {
		fprintf(stderr,
		        "sopsim pkt: %s: a value is missing; allowed: see sopsim pkt --help\n",
		        argv[0]);
		return false;
	}
	if (g_str_equal(name, "via"))
		return set_via(&set->conf, value);
	if (g_str_equal(name, "D") || g_str_equal(name, "define"))
		return define(set, value);
	if (g_str_equal(name, "trace") || g_str_equal(name, "trace-limit"))
		return set_trace(set, name, value);
	if (g_str_equal(name, "set"))
		run_conf_set(&set->conf, value, &error);
	else if (run_conf_option(&set->conf, name, value, &error)) {
		g_ptr_array_add(set->options, g_strdup(name));
		g_ptr_array_add(set->options, g_strdup(value));
	}
	if (error)
		fprintf(stderr, "sopsim pkt: %s%s; allowed: see sopsim pkt --help\n",
		        error->message, error->code == OUTCOME_SKIPPED ? " is not known" : "");
	return !error;
}

/* A script that is none is bad usage; all are looked at before the first one runs. */
static bool readable(const GPtrArray *files) {
	for (guint i = 0; i < files->len; i++) {
		const char *file = files->pdata[i];
		struct stat st;
		int rc = stat(file, &st);

		if (rc == 0 && S_ISDIR(st.st_mode))
			fprintf(stderr,
			        "sopsim pkt: %s: a directory; allowed: files, such as %s/*.pkt\n",
			        file, file);
		else if (rc == 0 && !S_ISREG(st.st_mode))
			fprintf(stderr,
			        "sopsim pkt: %s: a pipe or device; allowed: files that can be read\n",
			        file);
		else if (rc || access(file, R_OK))
			fprintf(stderr, "sopsim pkt: %s: %s; allowed: files that can be read\n",
			        file, g_strerror(errno));
		else
			continue;
		return false;
	}
	return true;
}

static bool parse_words(struct settings *set, int argc, char **argv) {
	for (int i = 1; i < argc;) {
		int used = 1;

		if (argv[i][0] != '-')
			g_ptr_array_add(set->files, argv[i]);
		else if (!parse_word(set, argv + i, &used))
			return false;
		i += used;
	}
	if (!set->files->len)
		fprintf(stderr,
		        "sopsim pkt: no script given; allowed: files, see sopsim pkt --help\n");
	return set->files->len > 0 && readable(set->files);
}

/* --- running ---------------------------------------------------------------------------------- */

/* In the process of its own. */
static enum outcome run_file(const struct settings *set, const char *file) {
	g_autoptr(GError) error = NULL;
	g_autofree char *message = NULL;
	struct script *script = script_parse(file, set->defines, &error);
	enum outcome outcome;

	if (!script) {
		outcome = (enum outcome)error->code;
		message = g_strdup(error->message);
	} else {
		for (guint i = 0; i < set->options->len; i += 2)
			script_add_option(script, set->options->pdata[i],
			                  set->options->pdata[i + 1], 0);
		outcome = run_script(script, &set->conf, &message);
		script_free(script);
	}
	if (outcome == OUTCOME_PASSED)
		printf("pass %s\n", file);
	else
		printf("%s %s\n%s\n", outcome == OUTCOME_SKIPPED ? "skip" : "fail", file, message);
	return outcome;
}

static enum outcome run_apart(const struct settings *set, const char *file) {
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		enum outcome outcome = run_file(set, file);

		fflush(stdout);
		_exit((int)outcome);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid) {
		printf("fail %s\n%s: cannot start a process\n", file, file);
		return OUTCOME_FAILED;
	}
	if (WIFSIGNALED(status)) {
		printf("fail %s\n%s: the simulator ended by signal %d\n", file, file,
		       WTERMSIG(status));
		return OUTCOME_FAILED;
	}
	return WEXITSTATUS(status) == OUTCOME_SKIPPED ? OUTCOME_SKIPPED
	       : WEXITSTATUS(status)                  ? OUTCOME_FAILED
	                                              : OUTCOME_PASSED;
}

static int run_all(const struct settings *set) {
	unsigned passed = 0, failed = 0, skipped = 0;
	const char *why = sim_load();

	if (why) {
		fprintf(stderr,
		        "sopsim pkt: SimGrid cannot be loaded: %s; allowed: the library that sopsim was "
		        "built with\n",
		        why);
		return 2;
	}
	for (guint i = 0; i < set->files->len; i++) {
		enum outcome outcome = run_apart(set, set->files->pdata[i]);

		passed += outcome == OUTCOME_PASSED;
		failed += outcome == OUTCOME_FAILED;
		skipped += outcome == OUTCOME_SKIPPED;
	}
	printf("%u passed, %u failed, %u skipped\n", passed, failed, skipped);
	return failed ? 1 : 0;
}

static bool open_trace(struct settings *set) {
	int error = 0;

	if (!set->trace)
		return true;
	if (set->files->len > 1) {
		fprintf(stderr, "sopsim pkt: --trace: several scripts; allowed: one\n");
		return false;
	}
	set->conf.trace = trace_file_open(set->trace, set->trace_limit, &error);
	if (!set->conf.trace)
		fprintf(stderr,
		        "sopsim pkt: --trace: cannot write '%s': %s; allowed: a file in a folder that is "
		        "there\n",
		        set->trace, g_strerror(error));
	return set->conf.trace;
}

int command_pkt(int argc, char **argv) {
	struct settings set = {.trace_limit = TRACE_LIMIT};
	int status = 2;

	for (int i = 1; i < argc; i++)
		if (g_str_equal(argv[i], "--help") || g_str_equal(argv[i], "-h")) {
			fputs(pkt_usage, stdout);
			return 0;
		}
	run_conf_default(&set.conf);
	set.defines = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	set.options = g_ptr_array_new_with_free_func(g_free);
	set.files = g_ptr_array_new();
	if (parse_words(&set, argc, argv) && open_trace(&set)) {
		g_hash_table_insert(set.defines, run_conf_preset_name(&set.conf), g_strdup("1"));
		status = run_all(&set);
	}
	trace_file_close(set.conf.trace);
	g_free(set.trace);
	g_ptr_array_unref(set.options);
	g_ptr_array_unref(set.files);
	g_hash_table_unref(set.defines);
	return status;
}
