"""Between a case and who reads it: records for programs, and pages in plain words for people."""
