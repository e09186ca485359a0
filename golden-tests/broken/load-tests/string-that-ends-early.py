# refused: SyntaxError
from locust import HttpUser
HEADERS = {"a": "b"c"}
