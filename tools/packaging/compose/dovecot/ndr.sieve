require ["fileinto", "imap4flags", "mailbox"];
# The milter says it, and takes out what a message brings along of that name.
if header :is "X-NDR-Flag" "YES" {
    addflag "$Junk";
    fileinto :create "Junk";
    stop;
}
