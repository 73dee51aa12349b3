mod caller;
mod hostile;
mod peers;
mod sign_in;
