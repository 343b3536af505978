"""What a reconciliation service does: tell which entities names stand for, suggest, show and give
away what is known of them. How that is asked for over HTTP is none of it."""
