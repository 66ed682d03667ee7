"""What the JSON API hears and answers, in the words of the glossary."""
