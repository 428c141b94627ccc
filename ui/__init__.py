"""What a person sees in a browser (the chat is built by a later step). Knows the Answer object only."""
