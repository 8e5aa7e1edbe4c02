# churn.pl ROUNDS: hashes of arrays of hashes, strings joined and split.
use strict;
use warnings;
my ($total, @kept) = 0;
for my $round (1 .. shift) {
    my %groups;
    for my $i (1 .. 60000) {
        push @{$groups{'key-' . $i * 7919 % 5003}},
            {id => $i, name => "n$i-$round", list => [1 .. $i % 5]};
    }
    for my $key (sort keys %groups) {
        my $text = join ',', map { "$_->{id}:$_->{name}" } @{$groups{$key}};
        my @parts = split /,/, $text;
        $total += length($text) + @parts;
    }
    push @kept, (sort keys %groups)[0];
}
print "$total\n";
