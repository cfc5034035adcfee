# SPDX-License-Identifier: BSD-3-Clause
# What the drivers in Perl share: the loop over the paths, its clock and its alarm.
package Driver;
use strict;
use warnings;
use POSIX ();
use Time::HiRes ();

# Load a module and die with status 77 where it is not there.
sub need {
    my ($module) = @_;
    (my $file = "$module.pm") =~ s{::}{/}g;
    return if eval { require $file; 1 };
    print STDERR "$module is not installed\n";
    exit 77;
}

# Ask $is_bounce->(text of a message) about every path on standard input.
sub run {
    my ($is_bounce) = @_;
    my $limit = $ARGV[0] // 10;
    my ($spent, $count, $slowest) = (0, 0, 0);

    # not %SIG: perl holds those signals back until a regular expression has ended,
    # which is where the time goes
    POSIX::sigaction(POSIX::SIGALRM(),
        POSIX::SigAction->new(sub { die "timeout\n" }, POSIX::SigSet->new, 0));
    open(my $out, '>&', \*STDOUT) or die "stdout: $!";
    open(STDOUT, '>', '/dev/null') or die "/dev/null: $!";    # some modules talk
    open(STDERR, '>', '/dev/null') or die "/dev/null: $!";
    while (defined(my $path = <STDIN>)) {
        chomp $path;
        my $start = Time::HiRes::time();
        my $found = 0;
        my $ended = eval {
            alarm $limit;
            open(my $file, '<:raw', $path) or die "$path: $!";
            local $/;
            my $text = <$file>;
            $found = $is_bounce->($text) ? 1 : 0;
            alarm 0;
            1;
        };
        my $why = $@;
        alarm 0;
        my $took = Time::HiRes::time() - $start;
        if (!$ended && ($why eq "timeout\n" || $took >= $limit)) {
            print $out "$path\ttimeout\n";
            next;
        }
        print $out "$path\t", $ended ? $found : 0, "\n";
        $spent += $took;
        $count++;
        $slowest = $took if $took > $slowest;
    }
    printf $out "#\t%.6f\t%d\t%.6f\n", $spent, $count, $slowest;
    close $out or exit 1;
    POSIX::_exit(0);
}

1;
