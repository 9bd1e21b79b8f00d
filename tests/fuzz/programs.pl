#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Programs that nobody would write: lessons with lines lost, doubled, moved and changed, and numbers at
# the edges. Each is refused (2), or runs: 0 or 1, never a crash (3), never for ever.
#
#     programs.pl SOPSIM ROOT RUNS SEED
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Temp qw(tempdir);

my ($sopsim, $root, $runs, $seed) = @ARGV;
$root = abs_path($root);
my $dir = tempdir(CLEANUP => 1);
my @lessons = glob "$root/scenarios/lessons/[0-9]*.ini";
my @edges = (0, -1, 1, 2, 7, 255, 65535, 65536, 1048576, 4294967295, -2147483648, 16777216,
	9223372036854775807);
my @pool = split /\n/, <<'POOL';
close(s)
s = dup(s)
x = socket(stream)
x = socket(dgram)
x = socket(toe, stream)
bind(x, any:80)
connect(x, 10.0.0.1:80)
connect(x, 10.0.1.2:7)
connect(x, unspec)
listen(x, 1)
accept(x)
shutdown(x, SHUT_RDWR)
send(x, 100000, MSG_DONTWAIT)
sendto(x, "\x00\xff", 10.0.2.2:7)
recv(x, 100, MSG_DONTWAIT|MSG_PEEK)
poll(x:POLLIN|POLLOUT, 10ms)
select(x:POLLIN, 10ms)
fork z { close(x); exit 3 }
fork y { send(x, "child"); sleep 1ms; kill(pid(), SIGKILL) }
setsockopt(x, SO_LINGER, 1, 0s)
setsockopt(x, SO_RCVBUF, 1)
setsockopt(x, SO_RCVTIMEO, 1ms)
fcntl(x, F_SETFL, O_NONBLOCK|O_ASYNC)
fcntl(x, F_SETOWN, pid())
ioctl(x, FIONREAD)
wait()
run("netstat -anp --stack")
run("ifconfig toe0 down")
run("ifconfig toe0 up")
run("route add default gw 10.0.0.2")
run("arp -d 10.0.1.2")
run("sopstat -s")
create("/f", 100000)
f = open("/f", O_RDWR)
sendfile(x, f, 100000)
readv(x, 10)
print "$x"
until 1s
POOL

my $state = $seed;
# Of its own, so that a seed is a seed on every machine.
sub random {
	my ($n) = @_;
	$state = ($state * 1103515245 + 12345) % 2147483648;
	return int($state / 65536) % $n;
}

sub mutate {
	my ($line) = @_;
	my $kind = random(30);

	return () if $kind == 0;
	return ($line, $line) if $kind == 1;
	return ($line, "\t" . $pool[random(scalar @pool)] . "\n") if $kind < 6;
	$line =~ s/(?<![\w.\\])\d+(?![\w.:])/$edges[random(scalar @edges)]/e if $kind == 6;
	return ($line);
}

my ($failed, %count) = (0);
for my $n (1 .. $runs) {
	my ($in_text, @text) = (0);
	my $lesson = $lessons[random(scalar @lessons)];
	open my $in, '<', $lesson or die "$lesson: $!";
	while (my $line = <$in>) {
		$line =~ s{^include = }{include = $root/scenarios/lessons/};
		$in_text = 0 if $line =~ /^\}/;
		push @text, $in_text && $line !~ /[{}]/ ? mutate($line) : $line;
		push @text, "\tx = socket(stream)\n" if $in_text == 0 && $line =~ /^text = \{/;
		$in_text = 1 if $line =~ /^text = \{/;
	}
	open my $out, '>', "$dir/p.ini" or die;
	print $out @text;
	close $out;
	my $rc = system("timeout 60 '$sopsim' run '$dir/p.ini' --set scenario.limit=5s >'$dir/out' 2>&1 </dev/null");
	$rc = $rc & 127 ? 'signal ' . ($rc & 127) : $rc >> 8;
	$count{$rc}++;
	next if $rc eq '0' || $rc eq '1' || $rc eq '2';
	print "seed $seed, run $n, of $lesson: status $rc\n";
	system("tail -5 '$dir/out'; cat '$dir/p.ini'");
	$failed = 1;
	last;
}
print join(", ", map { "status $_: $count{$_}" } sort keys %count), "\n";
exit $failed;
