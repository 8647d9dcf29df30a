"""What people can do by text message: join, keep their record right, answer alerts, and say what they need."""
