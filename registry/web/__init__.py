"""What all pages and programs' calls share: the platform at hand, languages, sign-in, errors."""
